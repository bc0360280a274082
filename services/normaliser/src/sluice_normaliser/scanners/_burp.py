"""What Burp Suite's reports have in common: addresses in two halves, and false positives."""

from typing import Any

from sluice_normaliser.kit import Said
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import ObservationStatus


def address(site: Any, path: Any) -> str | None:
    """Return the URL of a site and a path below it; either may be all there is."""
    origin, rest = words(site), words(path) or ""
    if origin is None or "://" in rest:
        return rest or None
    return f"{origin.rstrip('/')}/{rest.lstrip('/')}"


def marked(severity: Any) -> Said | None:
    """Return the status of an issue that somebody marked as a false positive, which Burp keeps as its severity."""
    told = words(severity)
    false = (told or "").lower().replace("_", " ") == "false positive"
    return Said(ObservationStatus.SUPPRESSED, told) if false else None
