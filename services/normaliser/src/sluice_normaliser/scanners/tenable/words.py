"""What Tenable's words mean."""

import re
from typing import Any
from urllib.parse import unquote

from sluice_normaliser.kit import Said, construct
from sluice_normaliser.kit.coerce import number, strings
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus, PackageLocation

_VERDICTS = {
    "PASSED": ObservationStatus.PASSED,
    "FAILED": ObservationStatus.OPEN,
    "WARNING": ObservationStatus.MANUAL,
    "ERROR": ObservationStatus.MANUAL,
    "INFO": ObservationStatus.INFORMATIONAL,
}
_NOTHING = frozenset({"0", "none", "info", "informational"})
_CPE = re.compile(r"(?<!p-)cpe:(?:/|2\.3:)[aoh]:[^\s,;|]+", re.IGNORECASE)
_ANY = frozenset({"", "*", "-"})
_NO_SOLUTION = frozenset({"n/a", "none", "-"})


def kind(is_compliance: Any, name: Any) -> Kind:
    """Return what kind of problem a plugin finds."""
    if is_compliance:
        return Kind.COMPLIANCE
    return Kind.DAST if "://" in (words(name) or "") else Kind.HOST


def status(severity: Any, verdict: Any) -> Said:
    """Return the status: the verdict of a policy's check, else open; a plugin without risk only informs."""
    told = words(verdict)
    if told:
        return Said(_VERDICTS.get(told.upper(), ObservationStatus.OPEN), told)
    informs = (words(severity) or "").lower() in _NOTHING
    return Said(ObservationStatus.INFORMATIONAL if informs else ObservationStatus.OPEN, None)


def web(name: Any, address: Any) -> str | None:
    """Return the page of a web application, else the address under which it was scanned."""
    page, base = words(address), words(name) or ""
    if page and "://" in page:
        return page
    return base if "://" in base else None


def solution(said: Any) -> str | None:
    """Return the solution, where there is one."""
    told = words(said)
    return None if (told or "").lower() in _NO_SOLUTION else told


def exploit(available: Any, ease: Any, maturity: Any) -> str | None:
    """Return how mature exploits are, in the best words there are."""
    told = words(maturity) or words(ease)
    return told or ("available" if (words(available) or "").lower() in {"true", "yes"} else None)


def probability(said: Any) -> float | None:
    """Return an EPSS probability; a table that lost its decimal point says nothing."""
    found = number(said)
    return found if found is not None and 0 <= found <= 1 else None


def service(name: Any) -> str | None:
    """Return the name of a service; a question mark says that it was guessed."""
    told = (words(name) or "").rstrip("?")
    return None if told in {"", "general", "unknown"} else told


def products(*said: Any) -> list[PackageLocation]:
    """Return the products that a plugin is about, by their official CPEs.

    Tenable's own ``p-cpe`` list every package that a plugin may look at, installed or not: they stay where they are.
    """
    found: dict[tuple[str, str], PackageLocation] = {}
    for name in (name for told in strings(list(said)) for name in _CPE.findall(told)):
        parts = [unquote(part).replace("\\", "") for part in re.split(r"(?<!\\):", name)]
        parts = parts[3:] if parts[1] == "2.3" else parts[2:]
        vendor, product, version = (*parts, "", "", "")[:3]
        if product not in _ANY and (vendor, product) not in found:
            known = {"name": product, "namespace": vendor, "version": version, "cpe": name}
            found[vendor, product] = construct(
                PackageLocation, {part: value for part, value in known.items() if value not in _ANY}
            )
    return list(found.values())
