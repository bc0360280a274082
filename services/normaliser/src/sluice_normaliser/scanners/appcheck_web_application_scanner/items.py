"""Values of AppCheck's items: marked-up texts, places, products, and where an item stands."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sluice_normaliser.kit import Said, construct, host_asset
from sluice_normaliser.kit.coerce import boolean, integer, strings, text
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import (
    Compliance,
    HostLocation,
    Observation,
    ObservationStatus,
    PackageLocation,
    UrlLocation,
)

_MARK = "[[markup]]"
_LINK = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\]")
_OID = re.compile(r'<nvt oid="([\d.]+)"')
_TARGET = re.compile(r":(?P<port>\d+)/(?P<protocol>tcp|udp)$", re.IGNORECASE)
_EXCHANGE = re.compile(r"(?P<mark>--->|<---)\n?(?P<text>.*?)(?=(?:--->|<---)|\Z)", re.DOTALL)
_STATES = {
    "fixed": ObservationStatus.FIXED,
    "false_positive": ObservationStatus.SUPPRESSED,
    "acceptable_risk": ObservationStatus.SUPPRESSED,
    "accepted_risk": ObservationStatus.SUPPRESSED,
    "ignored": ObservationStatus.SUPPRESSED,
}
_ABOUT = "_meta"
_SHOWN_ELSEWHERE = frozenset({_ABOUT, "Messages", "External Sources", "Classifications", "CVEs"})
_CPE_PARTS = 6


def plain(value: Any) -> str | None:
    """Return a text without AppCheck's marks: ``[[markup]]``, ``[[link]]``."""
    said = text(value)
    if said is None:
        return None
    return _LINK.sub(lambda link: link[2] or link[1], said.replace(_MARK, "")).strip() or None


def details(value: Any, only: Any = None) -> str | None:
    """Return the details under their headings without what is shown elsewhere; or the one that is asked for."""
    if not isinstance(value, dict):
        return plain(value) if only is None else None
    if only is not None:
        return plain(value.get(only))
    parts = [(name, plain(told)) for name, told in sorted(value.items()) if name not in _SHOWN_ELSEWHERE]
    return "\n\n".join(f"{name}:\n{told}" for name, told in parts if told) or None


def exchange(mark: str) -> Callable[[Any], str | None]:
    """Return what finds the requests (``--->``) or the responses (``<---``) among the messages."""

    def find(value: Any) -> str | None:
        messages = text(obj(value).get("Messages")) or ""
        found = [each["text"].strip() for each in _EXCHANGE.finditer(messages) if each["mark"] == mark]
        return "\n\n".join(filter(None, found)) or None

    return find


def rule(check: Any, raw: Any, plugin: Any, title: Any) -> str | None:
    """Return the check's own id: its class, OpenVAS's object identifier, the plugin with the title, or the title."""
    oid = _OID.search(text(raw) or "")
    if words(check) not in {None, "WebAppVuln"}:
        return words(check)
    if oid:
        return oid.group(1)
    named = [part for part in (words(plugin), words(title)) if part]
    return "/".join(named) or None


def state(said: Any, fixed: Any, trashed: Any, false_positive: Any) -> Said:
    """Return where an item stands; what was thrown away or marked as false does not count."""
    word = words(said)
    if boolean(trashed) or boolean(false_positive):
        return Said(ObservationStatus.SUPPRESSED, "trashed" if boolean(trashed) else "false_positive")
    if boolean(fixed):
        return Said(ObservationStatus.FIXED, word)
    return Said(_STATES.get((word or "").lower().replace(" ", "_"), ObservationStatus.OPEN), word)


def is_suppressed(said: Any, fixed: Any, trashed: Any, false_positive: Any) -> bool:
    """Return True for an item that somebody took away."""
    return state(said, fixed, trashed, false_positive).status is ObservationStatus.SUPPRESSED


def first_address(*values: Any) -> str | None:
    """Return the first value that is a URL."""
    return next((found for found in map(words, values) if found and "://" in found), None)


def port(number: Any, target: Any) -> int | None:
    """Return the port, which also ends a target such as ``shop.acme.io:443/tcp``."""
    found = _TARGET.search(words(target) or "")
    return integer(number) or (int(found["port"]) if found else None)


def protocol(target: Any) -> str | None:
    """Return the protocol at the end of a target."""
    found = _TARGET.search(words(target) or "")
    return found["protocol"].lower() if found else None


def products(cpes: Any) -> list[PackageLocation]:
    """Return the products that CPE 2.3 names stand for."""
    found: list[PackageLocation] = []
    for cpe in strings(cpes):
        parts = re.split(r"(?<!\\):", cpe)
        if cpe.startswith("cpe:2.3:") and len(parts) >= _CPE_PARTS:
            values = {"name": parts[4], "namespace": parts[3], "cpe": cpe}
            values |= {} if parts[5] in {"*", "-"} else {"version": parts[5]}
            found.append(construct(PackageLocation, values))
    return found


def owasp(value: Any) -> list[Compliance]:
    """Return the places in the OWASP Top 10, which are listed by year."""
    return [
        construct(Compliance, {"standard": f"OWASP Top 10 {year}", "control": control})
        for year, told in sorted(obj(value).items())
        if year != _ABOUT and (control := words(obj(told).get("name")))
    ]


def asset_of(observation: Observation) -> str | None:
    """Return the asset key of the application or the machine that an item is about."""
    place = observation.location
    if isinstance(place, UrlLocation):
        parts = urlsplit(place.url)
        return f"url:{parts.scheme}://{parts.netloc}"
    return host_asset(place.host) if isinstance(place, HostLocation) else None
