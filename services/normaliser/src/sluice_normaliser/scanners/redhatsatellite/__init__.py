"""Red Hat Satellite: errata that a host lacks."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, const, each, first, fix, ident, matching, package
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -u "$USER" "https://satellite/api/v2/hosts/$ID/errata?per_page=1000" > errata.json
sluice push errata.json --asset host:node-1
```
"""
_NEVRA = r"^(?P<name>.+)-(?:\d+:)?(?P<version>[^-\s]+-[^-\s]+)\.(?:noarch|src|[a-z]+\d+\w*)(?:\.rpm)?$"
"""``name-version-release.arch`` of the package that the erratum brings."""


def _package(path: str) -> Any:
    """Return the package at a path; its version there is the one that ends the problem."""
    return package(
        name=first(matching(path, _NEVRA, "name"), path),
        fixed_versions=matching(path, _NEVRA, "version"),
        ecosystem=const("rpm"),
    )


_ERRATA = Map(
    each="results[]",
    kind=Kind.HOST,
    rule_id="errata_id",
    title="title",
    description="description | summary",
    severity="severity",
    identifiers=(ident("errata_id", "vendor"), "cves[].cve_id", "cves[]"),
    location=_package("packages[0] | title"),
    related_locations=each("packages[]", _package(".")),
    fix=fix(recommendation="solution"),
    references=("cves[].href", "bugs[].href"),
    tags="type",
    published_at="issued",
)


SPEC = ScannerSpec(
    name="redhatsatellite",
    title="Red Hat Satellite",
    kinds=(Kind.HOST,),
    homepage="https://docs.redhat.com/documentation/red_hat_satellite",
    setup=_SETUP,
    formats=(
        Format(
            name="satellite-errata-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("results[].errata_id", "results[].hosts_applicable_count"),
                weight=2,
            ),
            maps=(_ERRATA,),
        ),
        Format(
            name="satellite-errata-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("subtotal", "results"), any_of=("selectable", "per_page"), lacks=("results[]",)
            ),
            maps=(_ERRATA,),
        ),
    ),
)
