"""Threagile: risks of a threat model."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, const, first, plain, resource, status
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
threagile -model threagile.yaml -output out -generate-risks-json
sluice push out/risks.json --asset repo:github.com/acme/shop
```
`elevated`, between medium and high, counts as medium.
"""

SPEC = ScannerSpec(
    name="threagile",
    title="Threagile",
    kinds=(Kind.OTHER,),
    homepage="https://threagile.io",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="threagile-risks-json",
            container="json",
            detect=JsonShape(root="array", has=("[].category", "[].synthetic_id", "[].exploitation_likelihood")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.OTHER,
                    rule_id="category",
                    title=plain("title"),
                    severity="severity",
                    status=status(
                        "risk_status",
                        {
                            "accepted": ObservationStatus.SUPPRESSED,
                            "mitigated": ObservationStatus.FIXED,
                            "false-positive": ObservationStatus.SUPPRESSED,
                        },
                    ),
                    location=resource(
                        resource=first(
                            "most_relevant_technical_asset",
                            "most_relevant_communication_link",
                            "most_relevant_trust_boundary",
                            "most_relevant_data_asset",
                            "synthetic_id",
                        ),
                        resource_type=const("threat-model"),
                    ),
                    fingerprints={"threagile": "synthetic_id"},
                    tags="category",
                ),
            ),
        ),
    ),
)
