"""IriusRisk: threats of a model, with what is done about them."""

import re
from typing import Any

from sluice_normaliser.kit import CsvShape, Format, Map, Said, ScannerSpec, call, ident, resource, sections
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Threats › Export* as CSV of a project.
```sh
sluice push threats.csv --asset app:shop --scanner iriusrisk
```
The severity is the current risk. A threat that is wholly mitigated counts as fixed, one whose risk is accepted as
suppressed.
"""
_SHARE = re.compile(r"([A-Za-z ]+): (\d+)%")


def _status(response: Any) -> Said:
    """Return what is done: ``Planned mitigation: 0%. Mitigated: 100%. Unmitigated: 0%.``, or one word."""
    said = words(response)
    shares = {name.strip().lower(): int(share) for name, share in _SHARE.findall(said or "")}
    if any(share >= 100 for name, share in shares.items() if name == "mitigated"):  # noqa: PLR2004 - per cent
        return Said(ObservationStatus.FIXED, said)
    word = (said or "").lower()
    accepted = any(share >= 100 for name, share in shares.items() if name == "accepted")  # noqa: PLR2004 - per cent
    if accepted or word.startswith("accept"):
        return Said(ObservationStatus.SUPPRESSED, said)
    if word.startswith("not applicable"):
        return Said(ObservationStatus.NOT_APPLICABLE, said)
    return Said(ObservationStatus.OPEN, said)


SPEC = ScannerSpec(
    name="iriusrisk",
    title="IriusRisk",
    kinds=(Kind.OTHER,),
    homepage="https://www.iriusrisk.com",
    setup=_SETUP,
    formats=(
        Format(
            name="iriusrisk-threats-csv",
            container="csv",
            detect=CsvShape(
                columns=("Component", "Threat"), any_of=("Risk Response", "Current Risk", "Inherent Risk", "Use case")
            ),
            maps=(
                Map(
                    kind=Kind.OTHER,
                    rule_id="Threat",
                    title="Threat",
                    description=sections(
                        "Threat",
                        Use_case="Use case",
                        Inherent_risk="Inherent Risk",
                        Projected_risk="Projected Risk",
                        Countermeasure_progress="Countermeasure progress",
                        Weakness_tests="Weakness tests",
                        Countermeasure_tests="Countermeasure tests",
                    ),
                    severity=["Current Risk", "Inherent Risk"],
                    status=call(_status, "Risk Response"),
                    identifiers=ident("MITRE reference", "vendor"),
                    location=resource(resource="Component"),
                    tags=("Use case", "STRIDE-LM", "Source"),
                ),
            ),
        ),
    ),
)
