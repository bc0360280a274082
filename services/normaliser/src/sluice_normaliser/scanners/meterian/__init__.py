"""Meterian: vulnerable and badly licensed dependencies."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    ident,
    licence,
    package,
    rating,
    template,
)
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
meterian --report-json=meterian.json
sluice push meterian.json --asset repo:github.com/acme/shop
```
"""


def _named(kind: str) -> Any:
    """Return what finds the links of a kind among ``[{"type": "CVE", "url": "CVE-…"}]``."""

    def find(links: Any) -> list[str]:
        listed = links if isinstance(links, list) else []
        return [str(one.get("url")) for one in listed if isinstance(one, dict) and str(one.get("type")) in kind]

    return find


def _safe(versions: Any) -> list[str]:
    """Return the safe versions, the nearest first."""
    known = versions if isinstance(versions, dict) else {}
    listed = [known.get(name) for name in ("latestPatch", "latestMinor", "latestMajor")]
    return [str(version) for version in listed if version]


SPEC = ScannerSpec(
    name="meterian",
    title="Meterian",
    kinds=(Kind.SCA, Kind.LICENCE),
    homepage="https://www.meterian.com",
    setup=_SETUP,
    formats=(
        Format(
            name="meterian-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("reports.security.reports",),
                any_of=("timestamp", "scores", "reports.security.reports[].reports"),
                weight=1,
            ),
            scan=ScanMap(scanned_at="timestamp"),
            maps=(
                Map(
                    each="reports.security.reports[].reports[].advices[]",
                    kind=Kind.SCA,
                    rule_id="cve | id",
                    title=template("{^.dependency.name} {^.dependency.version}: {cve|id}"),
                    description="description",
                    severity="severity",
                    identifiers=(
                        "cve",
                        call(_named("CVE GHSA"), "links"),
                        ident("id", "vendor", source=const("meterian")),
                    ),
                    cwes="cwe",
                    location=package(
                        name="^.dependency.name",
                        version="^.dependency.version",
                        ecosystem="library.language | ^^.language",
                        fixed_versions=call(_safe, "^.safeVersions"),
                        affected_range="versionRange",
                        path="^.locations[0] | ^.dependency.locations[0]",
                        dependency_path="^.hierarchy[]",
                        direct=call(lambda transitive: None if transitive is None else not transitive, "^.transitive"),
                    ),
                    ratings=rating(const("vendor"), score="cvss"),
                    references="links[].url",
                    tags="type",
                ),
                Map(
                    each="reports.licensing.reports[].results[].violations[]",
                    kind=Kind.LICENCE,
                    rule_id=const("licence-violation"),
                    title=template("Licence of {^.name} {^.version} breaks the policy"),
                    location=package(name="^.name", version="^.version", ecosystem="^^.language"),
                    licence=licence(
                        name="^.licenses[0].name | ^.licenses[0].id",
                        spdx_id="^.licenses[0].id",
                        link="^.licenses[0].uri",
                    ),
                    evidence={"output": "."},
                ),
            ),
        ),
    ),
)
