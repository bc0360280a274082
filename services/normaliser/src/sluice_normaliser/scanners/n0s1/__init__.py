"""n0s1: finds secrets in Jira, Confluence, Slack, Asana, Zendesk, GitHub and other places where people write."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, first, secret, template, url
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
n0s1 confluence_scan --server https://acme.atlassian.net --email … --api-key … --report-file n0s1.json
sluice push n0s1.json --asset service:confluence
```
"""

_SCAN = ScanMap(version="tool.version", scanned_at="scan_date.date_utc", category="tool.scan_arguments.scan_target")
_FINDING = Map(
    each="findings.*",
    kind=Kind.SECRET,
    rule_id="details.matched_regex_config.id",
    title=first(
        template("{details.matched_regex_config.description|details.matched_regex_config.id} in {details.platform}"),
        "details.matched_regex_config.description",
    ),
    location=url(url="url", parameter="details.ticket_field"),
    secret=secret(match="secret", type="details.matched_regex_config.id"),
    evidence={"match": "secret"},
    fingerprints={"n0s1": "id | #key"},
    tags=("details.matched_regex_config.tags[]", "details.platform"),
    ignore=("details.matched_regex_config.regex", "details.matched_regex_config.keywords"),
)

SPEC = ScannerSpec(
    name="n0s1",
    title="n0s1",
    kinds=(Kind.SECRET,),
    homepage="https://spark1.us/n0s1",
    setup=_SETUP,
    formats=(
        Format(
            name="n0s1-json",
            container="json",
            detect=JsonShape(root="object", has=("findings",), match={"tool.name": "^n0s1$"}, weight=1),
            scan=_SCAN,
            maps=(_FINDING,),
        ),
        Format(
            name="n0s1-json-unnamed",
            container="json",
            detect=JsonShape(root="object", has=("findings.*.details.matched_regex_config",), weight=2),
            scan=_SCAN,
            maps=(_FINDING,),
        ),
    ),
)
