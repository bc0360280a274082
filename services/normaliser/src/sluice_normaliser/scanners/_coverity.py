"""What Coverity's reports have in common: what people made of an issue, and which sort of issue it is."""

from typing import Any

from sluice_normaliser.kit import Said
from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_TAKEN_AWAY = frozenset({"false positive", "intentional", "dismissed", "absent dismissed", "no test needed", "ignore"})
_GONE = frozenset({"fixed", "absent"})


def triaged(status: Any, classification: Any = None, action: Any = None) -> Said:
    """Return where an issue stands: its status, else what people classified it as."""
    said = [found for found in map(words, (status, classification, action)) if found]
    first = said[0] if said else None
    if first and first.lower() in _GONE:
        return Said(ObservationStatus.FIXED, first)
    away = next((found for found in said if found.lower() in _TAKEN_AWAY), None)
    return Said(ObservationStatus.SUPPRESSED, away) if away else Said(ObservationStatus.OPEN, first)


def taken_away(status: Any, classification: Any = None, action: Any = None) -> bool:
    """Return True for an issue that somebody dismissed."""
    return triaged(status, classification, action).status is ObservationStatus.SUPPRESSED


def kind(issue_kinds: Any) -> Kind:
    """Return the kind of an issue; one of several kinds (``Various``) counts as security."""
    said = {found.lower() for found in strings(issue_kinds)}
    if said & {"security", "various"} or not said:
        return Kind.SAST
    return Kind.QUALITY if said <= {"quality", "test", "reliability", "compliance"} else Kind.SAST


def cwe(number: Any) -> Any:
    """Return the number of a weakness; ``none`` and -1 stand for nothing."""
    said = words(number)
    return None if said is None or said.lower() in {"none", "-1", "0"} else said
