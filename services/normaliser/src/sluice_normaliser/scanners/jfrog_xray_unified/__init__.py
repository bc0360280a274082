"""JFrog Xray: the vulnerabilities report over repositories, builds or bundles (the unified platform's)."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    const,
    each,
    fix,
    ident,
    image,
    image_name,
    lookup,
    matching,
    package,
    rating,
    several_assets,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners import _jfrog
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
*Xray → Reports → Generate report → Vulnerabilities*, then *Export → JSON*, or
`POST /xray/api/v1/reports/vulnerabilities` and `GET /xray/api/v1/reports/export/$ID?format=json`:
```sh
sluice push xray.json --asset image:registry.acme.io/shop
```
In a report about several images each of them is an asset of its own. What Xray pushes by itself (a webhook of a watch)
names violations only, without their packages' versions: push the report.
"""


def _artifact(part: int) -> Any:
    """Return what finds the name or tag of ``docker://shop:1.4``; None for what is no image."""

    def find(artifact: Any) -> str | None:
        kind, _, rest = (text(artifact) or "").partition("://")
        return image_name(rest)[part] if kind == "docker" and rest else None

    return find


_ROWS = Map(
    each="rows[]",
    kind=lookup(
        "package_type", {"rpm": Kind.CONTAINER, "deb": Kind.CONTAINER, "alpine": Kind.CONTAINER}, default=Kind.SCA
    ),
    rule_id="issue_id",
    title="summary",
    description="description | summary",
    severity=by("severity"),
    identifiers=(
        "cves[].cve",
        ident(matching("summary", r"^((?:RHSA|DSA|DLA|USN|ELSA|ALAS)[^\s:]+(?::\d+)?)")),
        ident("issue_id", "vendor", source=const("jfrog")),
    ),
    cwes=("cves[].cwe[]", "cves[].cwe"),
    location=package(
        name=call(_jfrog.name, "vulnerable_component"),
        version=call(_jfrog.version, "vulnerable_component"),
        purl=call(_jfrog.purl, "vulnerable_component"),
        path="path",
        fixed_versions=call(_jfrog.fixed, "fixed_versions"),
        dependency_path="impact_path",
        image=image(name=call(_artifact(0), "impacted_artifact"), tag=call(_artifact(1), "impacted_artifact")),
    ),
    ratings=(
        each(
            "cves[]", rating(const("nvd"), vector="cvss_v3_vector", score="cvss_v3_score", method=RatingMethod.CVSS_V31)
        ),
        each(
            "cves[]", rating(const("nvd"), vector="cvss_v2_vector", score="cvss_v2_score", method=RatingMethod.CVSS_V2)
        ),
    ),
    fix=fix(recommendation="remediation"),
    references=("references[]", "cves[].url"),
    exploit_maturity="exploitability",
    tags=("provider", "package_type", "impacted_artifact"),
    last_detected_at="artifact_scan_time",
    published_at="published",
    ignore=("cvss2_max_score", "cvss3_max_score", "summary"),
)

SPEC = ScannerSpec(
    name="jfrog_xray_unified",
    title="JFrog Xray (unified report)",
    kinds=(Kind.SCA, Kind.CONTAINER),
    aliases=("xray-unified", "jfrog-xray-report"),
    homepage="https://jfrog.com/xray/",
    setup=_SETUP,
    formats=(
        Format(
            name="jfrog-xray-unified-json",
            container="json",
            detect=JsonShape(root="object", has=("total_rows", "rows"), only=("total_rows", "rows")),
            parse=several_assets(_ROWS),
        ),
        Format(
            name="jfrog-xray-unified-json-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("rows[].issue_id",),
                any_of=("rows[].vulnerable_component", "rows[].impacted_artifact", "rows[].cves"),
            ),
            parse=several_assets(_ROWS),
        ),
    ),
)
