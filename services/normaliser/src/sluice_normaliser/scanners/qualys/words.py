"""What Qualys's words mean."""

import re
from typing import Any

from sluice_normaliser.kit import Said
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import ObservationStatus

_NOTHING = frozenset({"", "-", "n/a", "none"})
_SCORED = re.compile(r"^\s*(?P<score>\d+(?:\.\d+)?)\s*(?:\((?P<vector>[^()]*)\))?")
_STATES = {"fixed": ObservationStatus.FIXED}


def said(value: Any) -> str | None:
    """Return the words of a cell; a dash says nothing."""
    found = words(value)
    return None if found is None or found.lower() in _NOTHING else found


def score(value: Any) -> str | None:
    """Return the score of ``9.8 (AV:N/…)``."""
    found = _SCORED.match(words(value) or "")
    return found["score"] if found else None


def vector(value: Any) -> str | None:
    """Return the vector of ``9.8 (AV:N/…)``."""
    found = _SCORED.match(words(value) or "")
    return found["vector"] if found else None


def status(state: Any, sort: Any, ignored: Any = None, disabled: Any = None) -> Said:
    """Return the status of a detection: fixed, ignored, gathered information, else open."""
    told, kind = said(state), (words(sort) or "").lower()
    known = _STATES.get((told or "").lower())
    if known is not None:
        return Said(known, told)
    if words(ignored) in {"1", "true", "Yes"} or words(disabled) in {"1", "true", "Yes"}:
        return Said(ObservationStatus.SUPPRESSED, told)
    if kind in {"ig", "info", "information gathered", "information"}:
        return Said(ObservationStatus.INFORMATIONAL, told)
    return Said(ObservationStatus.OPEN, told)


def confidence(sort: Any) -> str | None:
    """Return how sure Qualys is: a vulnerability is confirmed or potential (a "practice")."""
    kind = (words(sort) or "").lower()
    if "potential" in kind or kind == "practice":
        return "potential"
    return "confirmed" if kind in {"vuln", "confirmed", "vulnerability"} else None


def protocol(value: Any) -> str | None:
    """Return a protocol in lower case."""
    found = said(value)
    return found.lower() if found else None


def machine(*names: Any) -> str | None:
    """Return the first name of a machine that is one."""
    return next((told for each in names if (told := said(each))), None)


def asset(*names: Any) -> str | None:
    """Return the asset key of a machine."""
    name = machine(*names)
    return f"host:{name.lower()}" if name else None
