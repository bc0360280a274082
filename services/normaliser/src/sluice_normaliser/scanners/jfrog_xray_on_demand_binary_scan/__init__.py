"""JFrog Xray: scans of binaries and images on demand (`jf scan`, `jf docker scan`)."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    each,
    fix,
    ident,
    image,
    image_name,
    join,
    licence,
    package,
    peek,
    rating,
    several_assets,
)
from sluice_normaliser.scanners import _jfrog
from sluice_normaliser.scanners.jfrog_xray_on_demand_binary_scan.simple import SIMPLE
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
```sh
jf docker scan registry.acme.io/shop:1.4 --format=json > xray.json   # or: jf scan build/ --format=json
sluice push xray.json --asset image:registry.acme.io/shop
```
`--format=simple-json`, also of `jf audit`, does, too. A vulnerability is one finding for each component that has it.
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


def _violation(kind: Any, component: Any) -> Kind:
    told = str(kind or "").lower()
    if "licen" in told:
        return Kind.LICENCE
    return Kind.QUALITY if "operational" in told else _kind(component)


def _nowhere(components: Any) -> bool:
    return not components


def _issue(each_: str, at: str, component: str, above: str, **more: Any) -> Map:
    """Return the map of one place of a problem: ``at`` leads to the problem, ``above`` to what was scanned."""
    return Map(
        each=each_,
        rule_id=f"{at}issue_id | {at}license_key | {at}cves[0].cve",
        title=f"{at}summary | {at}license_name | {at}issue_id",
        description=f"{at}extended_information.full_description | {at}summary",
        fix=fix(recommendation=f"{at}extended_information.remediation"),
        severity=f"{at}severity",
        identifiers=(f"{at}cves[].cve", ident(f"{at}issue_id", "vendor", source=const("jfrog"))),
        cwes=f"{at}cves[].cwe[]",
        location=package(
            name=call(_jfrog.name, component),
            version=call(_jfrog.version, component),
            purl=call(_jfrog.purl, component),
            fixed_versions=call(_jfrog.fixed, "fixed_versions[]"),
            dependency_path=call(_path, "impact_paths"),
            image=image(name=call(_image(0), f"{above}component_id"), tag=call(_image(1), f"{above}component_id")),
        ),
        ratings=(
            each(
                f"{at}cves[]",
                rating(const("nvd"), vector="cvss_v3_vector", score="cvss_v3_score", method=RatingMethod.CVSS_V31),
            ),
            each(
                f"{at}cves[]",
                rating(const("nvd"), vector="cvss_v2_vector", score="cvss_v2_score", method=RatingMethod.CVSS_V2),
            ),
        ),
        licence=licence(spdx_id=f"{at}license_key", name=f"{at}license_name | {at}license_key"),
        references=f"{at}references[]",
        tags=(f"{at}watch_name",),
        **more,
    )


_ISSUES = (
    _issue("vulnerabilities[].components.*", "^.", "#key", "^^.", kind=call(_kind, "#key")),
    _issue("violations[].components.*", "^.", "#key", "^^.", kind=call(_violation, "^.type", "#key")),
    _issue("vulnerabilities[]", "", "^.component_id", "^.", kind=Kind.SCA, where=call(_nowhere, peek("components"))),
    _issue(
        "violations[]",
        "",
        "^.component_id",
        "^.",
        kind=call(_violation, "type", "^.component_id"),
        where=call(_nowhere, peek("components")),
    ),
)

SPEC = ScannerSpec(
    name="jfrog_xray_on_demand_binary_scan",
    title="JFrog Xray (on-demand scan)",
    kinds=(Kind.SCA, Kind.CONTAINER, Kind.LICENCE, Kind.QUALITY, Kind.SECRET, Kind.IAC, Kind.SAST),
    aliases=("jf-scan", "jf-docker-scan", "jf-audit"),
    homepage="https://docs.jfrog.com/security/docs/scan-your-binaries",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    differences={"*": "one for each component of each scan; the reference merges equal ones"},
    formats=(
        Format(
            name="jfrog-xray-on-demand-json-cut",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                any_of=("[].vulnerabilities[].components", "[].violations[].components"),
            ),
            parse=several_assets(*_ISSUES),
        ),
        Format(
            name="jfrog-xray-on-demand-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array", has=("[].scan_id",), any_of=("[].component_id", "[].vulnerabilities", "[].violations")
            ),
            parse=several_assets(*_ISSUES),
        ),
        Format(
            name="jfrog-cli-simple-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=(
                    *("vulnerabilities[].impactedPackageName", "vulnerabilities[].issueId", "securityViolations"),
                    *("licensesViolations", "operationalRiskViolations"),
                ),
            ),
            scan=ScanMap(failure=join("errors[].errorMessage", sep="; ")),
            maps=SIMPLE,
        ),
    ),
)
