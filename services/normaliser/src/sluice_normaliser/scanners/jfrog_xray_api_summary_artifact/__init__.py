"""JFrog Xray: what its REST interface says of artifacts."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    each,
    first,
    ident,
    image,
    image_name,
    join,
    lookup,
    package,
    rating,
    several_assets,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners import _jfrog
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
```sh
curl -u "$USER:$TOKEN" -X POST -H 'Content-Type: application/json' \\
  -d '{"paths":["docker-local/shop/1.4"]}' "$JFROG/xray/api/v1/summary/artifact" > xray.json
sluice push xray.json --asset image:registry.acme.io/shop
```
In an answer about several images each of them is an asset of its own.
"""


def _artifact(part: int) -> Any:
    """Return what finds the name or the tag of an image; None for what is no image."""

    def find(kind: Any, name: Any) -> str | None:
        said = text(name)
        return image_name(said)[part] if str(kind).lower() == "docker" and said else None

    return find


_ISSUES = Map(
    each="artifacts[].issues[]",
    kind=lookup("issue_type", {"license": Kind.LICENCE, "operational_risk": Kind.QUALITY}, default=Kind.SCA),
    rule_id="issue_id | cves[].cve | summary",
    title="summary",
    description="description | summary",
    severity="severity",
    identifiers=("cves[].cve", ident("issue_id", "vendor", source=const("jfrog"))),
    cwes="cves[].cwe[]",
    location=package(
        name=first(
            call(_jfrog.name, "components[0].component_id"),
            call(_artifact(0), "^.general.pkg_type", "^.general.name"),
            "^.general.name",
        ),
        version=first(
            call(_jfrog.version, "components[0].component_id"),
            call(_artifact(1), "^.general.pkg_type", "^.general.name"),
        ),
        purl=call(_jfrog.purl, "components[0].component_id"),
        fixed_versions=call(_jfrog.fixed, "components[0].fixed_versions[]"),
        path="impact_path[0] | ^.general.path",
        image=image(
            name=call(_artifact(0), "^.general.pkg_type", "^.general.name"),
            tag=call(_artifact(1), "^.general.pkg_type", "^.general.name"),
        ),
    ),
    related_locations=each(
        "components[]",
        package(
            name=call(_jfrog.name, "component_id"),
            version=call(_jfrog.version, "component_id"),
            purl=call(_jfrog.purl, "component_id"),
            fixed_versions=call(_jfrog.fixed, "fixed_versions[]"),
        ),
    ),
    ratings=(
        each(
            "cves[]",
            rating(
                const("nvd"),
                vector=call(_jfrog.vector, "cvss_v3"),
                score=call(_jfrog.score, "cvss_v3"),
                method=RatingMethod.CVSS_V31,
            ),
        ),
        each(
            "cves[]",
            rating(
                const("nvd"),
                vector=call(_jfrog.vector, "cvss_v2"),
                score=call(_jfrog.score, "cvss_v2"),
                method=RatingMethod.CVSS_V2,
            ),
        ),
    ),
    references="references[]",
    evidence={"impact_path": join("impact_path[]", sep="\n")},
    tags=("issue_type", "provider"),
    published_at="created",
)

SPEC = ScannerSpec(
    name="jfrog_xray_api_summary_artifact",
    title="JFrog Xray (artifact summary)",
    kinds=(Kind.SCA, Kind.LICENCE, Kind.QUALITY),
    aliases=("xray-summary",),
    homepage="https://jfrog.com/help/r/xray-rest-apis/artifact-summary",
    setup=_SETUP,
    formats=(
        Format(
            name="jfrog-xray-summary-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("artifacts",),
                any_of=(
                    "artifacts[].general",
                    "artifacts[].issues[].issue_id",
                    "artifacts[].issues[].components",
                    "errors",
                ),
                weight=1,
            ),
            scan=ScanMap(failure=join("errors[].error", sep="; ")),
            parse=several_assets(_ISSUES),
        ),
        Format(
            name="jfrog-xray-summary-json-nothing",
            container="json",
            detect=JsonShape(root="object", has=("artifacts",), only=("artifacts",), lacks=("artifacts[]",)),
            parse=several_assets(_ISSUES),
        ),
    ),
)
