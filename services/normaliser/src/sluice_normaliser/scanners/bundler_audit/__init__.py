"""bundler-audit: vulnerable gems and insecure gem sources in Gemfile.lock."""

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    by,
    call,
    const,
    fix,
    ident,
    package,
    peek,
    rating,
    template,
    url,
)
from sluice_normaliser.scanners.bundler_audit.text import fixed, is_available, read
from sluice_shared.contracts.finding import Kind, RatingMethod, Severity

_SETUP = """
```sh
bundle-audit check --update --format json --output bundler-audit.json
sluice push bundler-audit.json --asset repo:github.com/acme/shop
```
The text it prints without `--format` is read, too. bundler-audit ends with status 1 when it found something. Advisories
ignored in `.bundler-audit.yml` are not in the report.
"""

_GEMS = Map(
    each="results[]",
    where=peek("gem | advisory"),
    kind=Kind.SCA,
    rule_id="advisory.id",
    title="advisory.title",
    description="advisory.description",
    severity=["advisory.criticality", by("advisory.cvss_v3", "cvss"), by("advisory.cvss_v2", "cvss2")],
    identifiers=(
        ident("advisory.id", "vendor", source=const("ruby-advisory-db")),
        template("CVE-{advisory.cve}"),
        template("GHSA-{advisory.ghsa}"),
        ident("advisory.osvdb", scheme="osvdb"),
    ),
    location=package(
        name="gem.name",
        version="gem.version",
        ecosystem=const("gem"),
        path=const("Gemfile.lock"),
        fixed_versions=call(fixed, "advisory.patched_versions"),
    ),
    ratings=(
        rating(const("ruby-advisory-db"), score="advisory.cvss_v2", method=RatingMethod.CVSS_V2),
        rating(const("ruby-advisory-db"), score="advisory.cvss_v3", method=RatingMethod.CVSS_V31),
        rating(const("ruby-advisory-db"), score="advisory.cvss_v4", method=RatingMethod.CVSS_V4),
    ),
    fix=fix(available=call(is_available, "advisory.patched_versions")),
    references="advisory.url",
    tags="type",
    published_at="advisory.date",
    ignore=("advisory.path",),
)

_SOURCES = Map(
    each="results[]",
    where="source",
    kind=Kind.SCA,
    rule_id=const("insecure_source"),
    title=template("Insecure gem source {source}"),
    severity=Severity.MEDIUM,
    location=url(url="source"),
    tags="type",
)

SPEC = ScannerSpec(
    name="bundler_audit",
    title="bundler-audit",
    kinds=(Kind.SCA,),
    homepage="https://github.com/rubysec/bundler-audit",
    setup=_SETUP,
    aliases=("bundle-audit", "bundler-audit"),
    formats=(
        Format(
            name="bundler-audit-json",
            container="json",
            detect=JsonShape(root="object", has=("version", "created_at", "results"), lacks=("errors", "runs")),
            scan=ScanMap(version="version", scanned_at="created_at"),
            maps=(_GEMS, _SOURCES),
        ),
        Format(
            name="bundler-audit-json-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=("results[].gem.name", "results[].advisory.criticality", "results[].advisory.patched_versions"),
            ),
            scan=ScanMap(version="version", scanned_at="created_at"),
            maps=(_GEMS, _SOURCES),
        ),
        Format(
            name="bundler-audit-text",
            container="text",
            detect=TextShape(
                patterns=(
                    r"^Name: \S+\s*\n(?:Version:|Advisory:)|^Insecure Source URI found:",
                    r"^Vulnerabilities found!|^(?:Solution|Criticality): |^Insecure Source URI found:",
                )
            ),
            parse=read,
        ),
        Format(
            name="bundler-audit-text-clean",
            container="text",
            detect=TextShape(patterns=(r"\A\s*(?:\S.*ruby-advisory-db[\s\S]*)?^No vulnerabilities found\s*\Z",)),
            parse=read,
        ),
    ),
)
