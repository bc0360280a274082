"""Issues as Software Security Center gives them (``/projectVersions/{id}/issues``)."""

from typing import Any

from sluice_normaliser.kit import Map, Said, by, call, code, suppression, url, when
from sluice_normaliser.kit.coerce import boolean, text
from sluice_normaliser.kit.expressions import const
from sluice_normaliser.scanners.fortify.project import ANALYSIS
from sluice_shared.contracts.finding import Kind, ObservationStatus

_DYNAMIC = ("WEBINSPECT", "DAST", "SECURESCOPE")


def _kind(engine: Any) -> Kind:
    return Kind.DAST if (text(engine) or "").upper().startswith(_DYNAMIC) else Kind.SAST


def _status(tag: Any, suppressed: Any, removed: Any) -> Said:
    """Return the status: what was removed is gone from the code, what was suppressed or dismissed does not count."""
    said = text(tag)
    if boolean(removed):
        return Said(ObservationStatus.FIXED, "removed")
    if boolean(suppressed):
        return Said(ObservationStatus.SUPPRESSED, said or "suppressed")
    return Said(ANALYSIS.get(said or "", ObservationStatus.OPEN), said)


def _dismissed(tag: Any, suppressed: Any) -> bool:
    return _status(tag, suppressed, None).status is ObservationStatus.SUPPRESSED


def _address(place: Any) -> str | None:
    found = text(place)
    return found if found and "://" in found else None


SERVER = Map(
    each="data[]",
    kind=call(_kind, "engineType"),
    rule_id="primaryRuleGuid | issueName",
    rule_name="issueName",
    title="issueName",
    severity=by("friority"),
    status=call(_status, "primaryTag", "suppressed", "removed"),
    location=when(
        call(_address, "primaryLocation | fullFileName"),
        url(url="primaryLocation | fullFileName"),
        code(path="fullFileName | primaryLocation", start_line="lineNumber"),
    ),
    suppressions=when(
        call(_dismissed, "primaryTag", "suppressed"), suppression(kind=const("external"), justification="primaryTag")
    ),
    fingerprints={"fortify_instance": "issueInstanceId"},
    tags=("kingdom", "analyzer", "folderName"),
    first_detected_at="foundDate",
    ignore=("_href", "id", "projectVersionId", "lastScanId", "revision"),
)
