"""StackHawk (HawkScan): finds problems in running web applications and APIs; its webhook of a finished scan."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    fix,
    join,
    status,
    url,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
In *Integrations › Generic Webhook*, add the URL of a Sluice webhook with the event *Scan completed*. Or save
what it sends:
```sh
sluice push scan-completed.json --asset url:https://shop.acme.io
```
"""

_STATUSES = {
    "FALSE_POSITIVE": ObservationStatus.SUPPRESSED,
    "RISK_ACCEPTED": ObservationStatus.SUPPRESSED,
    "FIXED": ObservationStatus.FIXED,
}


def _url(host: Any, path: Any) -> str | None:
    site, rest = words(host), words(path)
    return rest if site is None else f"{site.rstrip('/')}/{(rest or '').lstrip('/')}"


def _failed(said: Any) -> str | None:
    return words(said) if (words(said) or "").upper() in {"ERROR", "FAILED", "ABORTED", "STOPPED"} else None


def _findings(path: str, finding: str, **more: Any) -> Map:
    """Return the map of what is at ``path``; ``finding`` leads from there to the finding."""

    def part(name: str) -> str:
        return f"{finding}{name}"

    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=part("pluginId"),
        rule_name=part("pluginName"),
        title=part("pluginName"),
        description=part("description"),
        severity=part("severity"),
        cwes=(part("cweId"), part("cwe")),
        fix=fix(recommendation=part("solution")),
        tags=(part("category"),),
        **more,
    )


SPEC = ScannerSpec(
    name="stackhawk",
    title="StackHawk",
    kinds=(Kind.DAST,),
    aliases=("hawkscan",),
    homepage="https://www.stackhawk.com",
    setup=_SETUP,
    differences={"*": "one observation for each path of a finding, as StackHawk counts and triages them itself"},
    misses={
        "components: *@*": "an application and its environment are the category of the scan, no package",
    },
    formats=(
        Format(
            name="stackhawk-webhook",
            container="json",
            detect=JsonShape(
                root="object", any_of=("scanCompleted.findings", "scanCompleted.scan.hawkscanVersion"), weight=3
            ),
            scan=ScanMap(
                version="scanCompleted.scan.hawkscanVersion",
                scanned_at="scanCompleted.scan.startedTimestamp",
                category=join("scanCompleted.scan.application", "scanCompleted.scan.env", sep="/"),
                failure=call(_failed, "scanCompleted.scan.status"),
            ),
            maps=(
                _findings(
                    "scanCompleted.findings[].paths[]",
                    "^.",
                    status=status("status", _STATUSES),
                    location=url(url=call(_url, "^.host", "path"), method="method", parameter="parameter"),
                    references=("pathURL", "^.findingURL"),
                ),
                _findings(
                    "scanCompleted.findings[]",
                    "",
                    where=call(lambda paths: not paths, "paths"),
                    location=url(url="host"),
                    references=("findingURL",),
                ),
            ),
        ),
    ),
)
