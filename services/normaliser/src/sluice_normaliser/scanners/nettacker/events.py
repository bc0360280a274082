"""What an event of Nettacker says: its module tells what it is, its JSON tells what was seen."""

from typing import Any

import orjson

from sluice_normaliser.kit import Grade
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import ObservationStatus, Severity

_PASSWORDS = ("password", "passwords", "pass")


def _is_scan(module: Any) -> bool:
    return (words(module) or "").lower().endswith("_scan")


def severity(module: Any) -> Grade | None:
    """Return info for what is only seen; Nettacker does not grade the rest."""
    return Grade(Severity.INFO) if _is_scan(module) else None


def status(module: Any) -> ObservationStatus:
    """Return informational for what is only seen."""
    return ObservationStatus.INFORMATIONAL if _is_scan(module) else ObservationStatus.OPEN


def category_status(category: Any, module: Any) -> ObservationStatus:
    """Return the status by the category of old versions: ``scan``, ``brute`` or ``vuln``."""
    return ObservationStatus.INFORMATIONAL if words(category) == "scan" else status(module)


def asset(target: Any) -> str | None:
    """Return the asset key of a target."""
    name = words(target)
    return f"host:{name.lower()}" if name else None


def _event(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    said = words(value)
    if said is None or not said.startswith("{"):
        return {}
    try:
        return obj(orjson.loads(said))
    except orjson.JSONDecodeError:
        return {}  # an event cut short stays in the evidence as it is


def service(value: Any) -> str | None:
    """Return the service that the conditions of a port scan name, when it is one."""
    response = obj(_event(value).get("response"))
    named = list(obj(response.get("conditions_results")))
    return named[0] if len(named) == 1 else None


def password(value: Any) -> str | None:
    """Return the password that a brute-force module found."""
    event = _event(value)
    return next((found for name in _PASSWORDS if (found := words(event.get(name)))), None)
