"""Terrascan: checks infrastructure as code, and the images it names."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    first,
    image,
    package,
    rating,
    resource,
    suppression,
    template,
)
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.kit.shapes import objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_SETUP = """
```sh
terrascan scan -i terraform -d . --show-passed -o json > terrascan.json
sluice push terrascan.json --asset repo:github.com/acme/shop
```
Terrascan ends with status 3 when it found something. Rules that a comment or an annotation skips count as suppressed;
`--find-vuln` adds vulnerabilities of the images. A run that could read nothing is refused.
"""

_PROVIDERS = {
    "aws": "aws",
    "azurerm": "azure",
    "azuread": "azure",
    "google": "gcp",
    "kubernetes": "kubernetes",
    "github": "github",
    "docker": "docker",
}
_SHOWN = 5


def _refusal(errors: Any, validated: Any, violations: Any) -> str | None:
    """Return why a run that validated no policy could read nothing."""
    told = [words(each.get("errMsg")) or words(each) for each in objs(errors)]
    found = "; ".join(each for each in told[:_SHOWN] if each)
    return found if found and not violations and not integer(validated) else None


def _address(type_: Any, name: Any) -> str | None:
    return ".".join(part for part in (words(type_), words(name)) if part) or None


def _provider(type_: Any) -> str | None:
    return _PROVIDERS.get((words(type_) or "").split("_", 1)[0].lower())


def _no_zero(score: Any) -> Any:
    """Return a score; 0 is written where there is none."""
    return score or None


def _rules(path: str, **more: Any) -> Map:
    return Map(
        each=path,
        kind=Kind.IAC,
        rule_id="rule_id | rule_name",
        rule_name="rule_name",
        title="description | rule_name",
        description="description",
        severity="severity",
        location=first(
            resource(
                resource=call(_address, "resource_type", "resource_name"),
                name="resource_name",
                resource_type="resource_type",
                provider=call(_provider, "resource_type"),
                path="file",
                start_line="line",
            ),
            code(path="file", start_line="line"),
        ),
        tags="category",
        **more,
    )


_VULNERABILITIES = Map(
    each="results.vulnerabilities[]",
    kind=Kind.CONTAINER,
    rule_id="vulnerability_id",
    title=first(template("{vulnerability_id} in {package} {installed_version}"), "vulnerability_id"),
    description="description",
    severity="severity",
    identifiers="vulnerability_id",
    location=first(
        package(
            name="package",
            version="installed_version",
            path="file",
            line="line",
            image=image(name="image"),
        ),
        resource(resource="image", name="container", path="file", start_line="line"),
    ),
    related_locations=resource(
        resource=call(_address, "resource_type", "resource_name"),
        name="resource_name",
        resource_type="resource_type",
        path="file",
        start_line="line",
    ),
    ratings=(
        rating(
            const("terrascan"),
            vector="cvss_score.v3_vector",
            score=call(_no_zero, "cvss_score.v3_score"),
            method=RatingMethod.CVSS_V31,
        ),
        rating(
            const("terrascan"),
            vector="cvss_score.v2_vector",
            score=call(_no_zero, "cvss_score.v2_score"),
            method=RatingMethod.CVSS_V2,
        ),
    ),
    references="primary_url",
)

_MAPS = (
    _rules("results.violations[]"),
    _rules(
        "results.skipped_violations[]",
        status=ObservationStatus.SUPPRESSED,
        suppressions=suppression(kind=const("in_source"), status=const("accepted"), justification="skip_comment"),
    ),
    _rules("results.passed_rules[]", status=ObservationStatus.PASSED),
    _VULNERABILITIES,
)

SPEC = ScannerSpec(
    name="terrascan",
    title="Terrascan",
    kinds=(Kind.IAC, Kind.CONTAINER),
    homepage="https://runterrascan.io",
    setup=_SETUP,
    formats=(
        Format(
            name="terrascan-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results.scan_summary",),
                any_of=("results.violations", "results.scan_errors", "results.scan_summary.policies_validated"),
            ),
            scan=ScanMap(
                scanned_at="results.scan_summary.scanned_at",
                ref="results.scan_summary.branch",
                refuse=call(
                    _refusal, "results.scan_errors", "results.scan_summary.policies_validated", "results.violations"
                ),
            ),
            maps=_MAPS,
        ),
        Format(
            name="terrascan-json-1.0",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("results.count.total", "results.violations[].rule_id", "results.violations[].rule_name"),
                lacks=("results.scan_summary",),
                weight=1,
            ),
            maps=_MAPS,
        ),
    ),
)
