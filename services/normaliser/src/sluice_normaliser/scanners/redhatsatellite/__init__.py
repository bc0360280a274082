"""Red Hat Satellite: errata that a host lacks."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, const, each, first, fix, ident, package
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
curl -u "$USER" "https://satellite/api/v2/hosts/$ID/errata?per_page=1000" > errata.json
sluice push errata.json --asset host:node-1
```
"""
_ERRATA = Map(
    each="results[]",
    kind=Kind.HOST,
    rule_id="errata_id",
    title="title",
    description="description | summary",
    severity="severity",
    identifiers=(ident("errata_id", "vendor"), "cves[].cve_id", "cves[]"),
    location=package(name=first("packages[0]", "title"), ecosystem=const("rpm")),
    related_locations=each("packages[]", package(name=".", ecosystem=const("rpm"))),
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
                has=("total", "subtotal", "selectable", "per_page", "results"),
                any_of=("results[].errata_id", "results[]"),
                match={"results[].errata_id": "."},
            ),
            maps=(_ERRATA,),
        ),
        Format(
            name="satellite-errata-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("total", "subtotal", "selectable", "per_page", "results"), lacks=("results[]",)
            ),
            maps=(_ERRATA,),
        ),
    ),
)
