"""Picus: breach and attack simulation; which simulated attacks the defences blocked, logged and told of."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, Map, Said, ScannerSpec, call, first, join, resource, sections
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Simulations › a run › Export* as CSV, one row for each action of each threat.
```sh
sluice push picus.csv --asset service:endpoint-defences --scanner picus
```
An action that was blocked counts as passed; one that was not is open.
"""


def _status(action: Any, threat: Any) -> Said:
    """Return the result of an action, else that of its threat."""
    said = words(action) or words(threat)
    blocked = (said or "").strip().lower() in {"blocked", "prevented"}
    return Said(ObservationStatus.PASSED if blocked else ObservationStatus.OPEN, said)


def _techniques(*said: Any) -> list[str]:
    return [part.strip() for each in said for part in (words(each) or "").replace(";", ",").split(",") if part.strip()]


def _address(said: Any) -> str | None:
    """Return a link, which exports may write as ``https://app[.]example[.]com``."""
    return (words(said) or "").replace("[.]", ".") or None


SPEC = ScannerSpec(
    name="picus",
    title="Picus",
    kinds=(Kind.RUNTIME,),
    homepage="https://www.picussecurity.com",
    setup=_SETUP,
    formats=(
        Format(
            name="picus-csv",
            container="csv",
            detect=CsvShape(
                columns=("threatName",), any_of=("actionName", "actionId", "simulationRunId", "threatId"), weight=3
            ),
            maps=(
                Map(
                    kind=Kind.RUNTIME,
                    rule_id=first("actionId", "threatId"),
                    rule_name="actionName",
                    title="actionName | threatName",
                    description=sections(
                        "actionDescription",
                        Threat="threatName",
                        Executed="executionSteps",
                        Undone="rewindSteps",
                        Undo_by_hand="manualRewindSteps",
                    ),
                    message=join(
                        "actionPreventionResult | threatPreventionResult",
                        "actionDetectionLogResult | threatDetectionLogResult",
                        "actionDetectionAlertResult | threatDetectionAlertResult",
                        sep=", ",
                    ),
                    severity=["threatSeverity", "severity"],
                    status=call(_status, "actionPreventionResult", "threatPreventionResult"),
                    identifiers="cve",
                    cwes="cwe",
                    location=resource(
                        resource=first("affectedProducts", "affectedPlatforms", "affectedOs"),
                        resource_type="affectedOs",
                        name="affectedProducts",
                    ),
                    references=(
                        call(_address, "genericMitigationsTabLink"),
                        call(_address, "actionLogsTabLink"),
                        call(_address, "actionPayloadOutputTabLink"),
                        call(_address, "detectionContentTabLink"),
                    ),
                    evidence={"output": "output", "payload": "actionPayload"},
                    tags=(
                        "attackModules",
                        "attackCategory",
                        "nistCapabilities",
                        call(_techniques, "actionMitreTactic", "actionMitreTechnique", "actionMitreSubtechnique"),
                    ),
                    last_detected_at="attackEndedTimeUTC | attackStartedTimeUTC",
                    ignore=("simulationRunId",),
                ),
            ),
        ),
    ),
)
