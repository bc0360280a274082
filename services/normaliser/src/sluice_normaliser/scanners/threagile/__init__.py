"""Threagile: risks of a threat model."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, call, construct, plain, status
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus, ResourceLocation

_SETUP = """
```sh
threagile -model threagile.yaml -output out -generate-risks-json
sluice push out/risks.json --asset repo:github.com/acme/shop
```
`elevated`, between medium and high, counts as medium.
"""

_PARTS = ("technical_asset", "communication_link", "trust_boundary", "shared_runtime", "data_asset")
_OF_MODEL = tuple(f"most_relevant_{part}" for part in _PARTS)


def _parts(names: tuple[Any, ...]) -> list[ResourceLocation]:
    """Return the parts of the model that a risk names, the one that it is about first."""
    named = zip(_PARTS, names, strict=True)
    told = [(part.replace("_", "-"), name) for part, said in named if (name := words(said))]
    return [construct(ResourceLocation, {"resource": name, "resource_type": part}) for part, name in told]


def _most_relevant(*names: Any) -> ResourceLocation | None:
    *parts, risk = names
    found = _parts(tuple(parts))
    if found:
        return found[0]
    own = words(risk)
    return construct(ResourceLocation, {"resource": own, "resource_type": "threat-model"}) if own else None


def _also_relevant(*names: Any) -> list[ResourceLocation]:
    return _parts(names)[1:]


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
            detect=JsonShape(
                root="array",
                has=("[].synthetic_id",),
                any_of=("[].category", "[].category_id", "[].severity"),
                weight=1,
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.OTHER,
                    rule_id="category | category_id",
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
                    location=call(_most_relevant, *_OF_MODEL, "synthetic_id"),
                    related_locations=call(_also_relevant, *_OF_MODEL),
                    fingerprints={"threagile": "synthetic_id"},
                    tags="category",
                ),
            ),
        ),
    ),
)
