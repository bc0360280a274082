"""JFrog Xray: security violations exported from a component or a search."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, call, const, each, ident, join, package, rating
from sluice_normaliser.scanners import _jfrog
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
*Xray → Search → Security*, then *Export JSON* (the classic user interface):
```sh
sluice push xray.json --asset image:registry.acme.io/shop
```
"""
_CVES = "component_versions.more_details.cves[]"


def _kind(component: Any) -> Kind:
    return Kind.CONTAINER if _jfrog.is_system(component) else Kind.SCA


_ISSUES = Map(
    each="data[]",
    kind=call(_kind, "source_comp_id | source_id"),
    rule_id=f"id | {_CVES}.cve | summary",
    title="summary",
    description="component_versions.more_details.description | summary",
    severity="severity",
    identifiers=(f"{_CVES}.cve", ident("id", "vendor", source=const("jfrog"))),
    cwes=f"{_CVES}.cwe[]",
    location=package(
        name=call(_jfrog.name, "source_comp_id | source_id | component"),
        version=call(_jfrog.version, "source_comp_id"),
        purl=call(_jfrog.purl, "source_comp_id"),
        fixed_versions=call(_jfrog.fixed, "component_versions.fixed_versions[]"),
        affected_range=join("component_versions.vulnerable_versions[]", sep=", "),
    ),
    ratings=(
        each(
            _CVES,
            rating(
                const("nvd"),
                vector=call(_jfrog.vector, "cvss_v3"),
                score=call(_jfrog.score, "cvss_v3"),
                method=RatingMethod.CVSS_V31,
            ),
        ),
        each(
            _CVES,
            rating(
                const("nvd"),
                vector=call(_jfrog.vector, "cvss_v2"),
                score=call(_jfrog.score, "cvss_v2"),
                method=RatingMethod.CVSS_V2,
            ),
        ),
    ),
    tags=("issue_type", "provider"),
    last_detected_at="edited",
)

SPEC = ScannerSpec(
    name="jfrogxray",
    title="JFrog Xray",
    kinds=(Kind.SCA, Kind.CONTAINER),
    aliases=("xray",),
    homepage="https://jfrog.com/xray/",
    setup=_SETUP,
    differences={"*": "one per record; the reference merges equal ones"},
    formats=(
        Format(
            name="jfrog-xray-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data",),
                any_of=("data[].source_comp_id", "data[].source_id", "data[].component_versions"),
                weight=1,
            ),
            maps=(_ISSUES,),
        ),
        Format(
            name="jfrog-xray-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("total_count", "data"), lacks=("data[]",), only=("total_count", "data")
            ),
            maps=(_ISSUES,),
        ),
    ),
)
