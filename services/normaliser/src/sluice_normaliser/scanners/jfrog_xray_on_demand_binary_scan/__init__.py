"""JFrog Xray: scans of binaries and images on demand (`jf scan`, `jf docker scan`)."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    each,
    ident,
    image,
    image_name,
    package,
    rating,
    several_assets,
)
from sluice_normaliser.scanners import _jfrog
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
```sh
jf docker scan registry.acme.io/shop:1.4 --format=json > xray.json   # or: jf scan build/ --format=json
sluice push xray.json --asset image:registry.acme.io/shop
```
A vulnerability is one finding for each component that has it.
"""


def _image(part: int) -> Any:
    def find(component: Any) -> str | None:
        kind, _, rest = str(component or "").partition("://")
        return image_name(rest)[part] if kind == "docker" and rest else None

    return find


def _kind(component: Any) -> Kind:
    return Kind.CONTAINER if _jfrog.is_system(component) else Kind.SCA


def _path(paths: Any) -> list[str]:
    path = paths[0] if isinstance(paths, list) and paths and isinstance(paths[0], list) else []
    return [str(one["component_id"]) for one in path if isinstance(one, dict) and one.get("component_id")]


_COMPONENTS = Map(
    each="vulnerabilities[].components.*",
    kind=call(_kind, "#key"),
    rule_id="^.issue_id",
    title="^.summary",
    description="^.summary",
    severity="^.severity",
    identifiers=("^.cves[].cve", ident("^.issue_id", "vendor", source=const("jfrog"))),
    cwes="^.cves[].cwe[]",
    location=package(
        name=call(_jfrog.name, "#key"),
        version=call(_jfrog.version, "#key"),
        purl=call(_jfrog.purl, "#key"),
        fixed_versions=call(_jfrog.fixed, "fixed_versions[]"),
        dependency_path=call(_path, "impact_paths"),
        image=image(name=call(_image(0), "^^.component_id"), tag=call(_image(1), "^^.component_id")),
    ),
    ratings=(
        each(
            "^.cves[]",
            rating(const("nvd"), vector="cvss_v3_vector", score="cvss_v3_score", method=RatingMethod.CVSS_V31),
        ),
        each(
            "^.cves[]",
            rating(const("nvd"), vector="cvss_v2_vector", score="cvss_v2_score", method=RatingMethod.CVSS_V2),
        ),
    ),
    references="^.references[]",
)

SPEC = ScannerSpec(
    name="jfrog_xray_on_demand_binary_scan",
    title="JFrog Xray (on-demand scan)",
    kinds=(Kind.SCA, Kind.CONTAINER),
    aliases=("jf-scan", "jf-docker-scan"),
    homepage="https://docs.jfrog.com/security/docs/scan-your-binaries",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    differences={"many_vulns_pypi.json": "one for each component of each scan; the reference merges equal ones"},
    formats=(
        Format(
            name="jfrog-xray-on-demand-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].scan_id", "[].component_id", "[].package_type"),
                any_of=("[].status", "[].vulnerabilities"),
            ),
            parse=several_assets(_COMPONENTS),
        ),
    ),
)
