"""The machines of a report with the tests that were run on them; what a test is about stands at the report's end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sluice_normaliser.kit import Grade, Reading, Said, construct, grade
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.reading import evidence_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import (
    Confidence,
    Fix,
    HostLocation,
    Identifier,
    Kind,
    Observation,
    ObservationStatus,
    Reference,
    Suppression,
)

_TIME = "%Y%m%dT%H%M%S%f"
_NAMED = {"DEBIAN": "DSA", "REDHAT": "RHSA", "CVE": "CVE"}
_OWN = frozenset({"@id", "@key", "@status", "@vulnerable-since", "Paragraph"})
_SURE = {"exploited": Confidence.CONFIRMED, "version": Confidence.MEDIUM, "potential": Confidence.LOW}
RESULT_CODES = {
    "VE": "vulnerable-exploited",
    "VV": "vulnerable-version",
    "VP": "vulnerable-potential",
    "EE": "exception-vulnerable-exploited",
    "EV": "exception-vulnerable-version",
    "EP": "exception-vulnerable-potential",
    "NV": "not-vulnerable",
    "ER": "error",
    "SD": "skipped-dos",
    "SV": "skipped-version",
    "UK": "unknown",
}


@dataclass
class _Machine:
    """A machine, and what is the same for all that is found on it."""

    address: str | None
    name: str | None
    mac: str | None
    os: str | None
    asset: str | None
    names: tuple[str, ...] = ()

    def others(self) -> list[HostLocation]:
        """Return the machine under its further names."""
        return [construct(HostLocation, {"host": name, "ip": self.address}) for name in self.names[1:]]

    def at(self, port: Any = None, protocol: Any = None, service: Any = None) -> HostLocation | None:
        """Return a place on it."""
        if self.name is None and self.address is None:
            return None
        number = words(port)
        values = {
            "host": self.name or self.address,
            "ip": self.address,
            "port": int(number) if number and number.isdigit() and int(number) else None,
            "protocol": words(protocol),
            "service": words(service),
            "mac": self.mac,
            "os": self.os,
        }
        return construct(HostLocation, values)


def read(document: dict[str, Any], reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each test of each machine, whatever came of it."""
    about = {
        str(each.get("@id", "")).lower(): each
        for each in map(obj, items_of(obj(document.get("VulnerabilityDefinitions")).get("vulnerability")))
    }
    nodes = [obj(node) for node in items_of(obj(document.get("nodes")).get("node"))]
    for node in nodes:
        machine = _machine(node, several=len(nodes) > 1)
        for test, place in _tests(node, machine):
            yield _observation(test, about.get(str(test.get("@id", "")).lower(), {}), place, machine, reading)


def _machine(node: dict[str, Any], *, several: bool) -> _Machine:
    address = words(node.get("@address"))
    names = tuple(name for each in items_of(obj(node.get("names")).get("name")) if (name := words(each)))
    name = names[0] if names else None
    systems = [obj(each) for each in items_of(obj(node.get("fingerprints")).get("os"))]
    mac = words(node.get("@hardware-address"))
    return _Machine(address, name, mac, _system(systems), _asset(name or address, several), names)


def _asset(name: str | None, several: bool) -> str | None:
    return f"host:{name}" if several and name else None


def _system(systems: list[dict[str, Any]]) -> str | None:
    if not systems:
        return None
    likeliest = max(systems, key=lambda each: float(words(each.get("@certainty")) or 0))
    parts = [words(likeliest.get(key)) for key in ("@vendor", "@product", "@version")]
    return " ".join(dict.fromkeys(part for part in parts if part)) or None


def _tests(node: dict[str, Any], machine: _Machine) -> Iterator[tuple[dict[str, Any], HostLocation | None]]:
    for test in items_of(obj(node.get("tests")).get("test")):
        yield obj(test), machine.at()
    for endpoint in map(obj, items_of(obj(node.get("endpoints")).get("endpoint"))):
        port, protocol = endpoint.get("@port"), endpoint.get("@protocol")
        for test in items_of(obj(endpoint.get("tests")).get("test")):
            yield obj(test), machine.at(port, protocol)
        for service in map(obj, items_of(obj(endpoint.get("services")).get("service"))):
            for test in items_of(obj(service.get("tests")).get("test")):
                yield obj(test), machine.at(port, protocol, service.get("@name"))


def _observation(
    test: dict[str, Any], about: dict[str, Any], place: HostLocation | None, machine: _Machine, reading: Reading
) -> Observation:
    id_, status = words(about.get("@id")) or words(test.get("@id")), status_of(words(test.get("@status")) or "")
    proof = _prose(test.get("Paragraph"))
    key = words(test.get("@key"))
    named, links, others = _references(about)
    return reading.observe(
        kind=Kind.HOST,
        rule_id=id_,
        rule_name=words(about.get("@title")),
        title=words(about.get("@title")) or id_,
        description=_prose(about.get("description")),
        message=key,
        severity=_severity(about),
        confidence=_sure(status),
        status=status,
        identifiers=named,
        location=place,
        related_locations=machine.others(),
        ratings=[
            found
            for found in (
                rating("rapid7", vector=about.get("@cvssVector"), score=about.get("@cvssScore"), version="2.0"),
                rating("rapid7", vector=about.get("@cvssV3Vector"), score=about.get("@cvssV3Score"), version="3.0"),
            )
            if found is not None
        ],
        fix=_fix(about),
        references=links,
        evidence=[evidence_of("output", proof)] if proof else [],
        suppressions=_suppressions(status),
        tags=[tag for tag in (words(each) for each in items_of(obj(about.get("tags")).get("tag"))) if tag],
        asset=machine.asset,
        first_detected_at=parse_time(test.get("@vulnerable-since"), _TIME),
        published_at=parse_time(about.get("@published"), _TIME),
        unmapped=_rest(test, about, others),
    )


def _rest(test: dict[str, Any], about: dict[str, Any], others: list[str]) -> dict[str, Any]:
    left = {key: value for key, value in test.items() if key not in _OWN and value not in ("", None)}
    for key in ("@riskScore", "@pciSeverity", "@modified", "@added"):
        if about.get(key):
            left[key] = about[key]
    for key in ("exploits", "malware"):
        if obj(about.get(key)):
            left[key] = about[key]
    return {**left, **({"references": others} if others else {})}


def _severity(about: dict[str, Any]) -> Grade | None:
    """Return the severity (1-10, a rounded CVSS score)."""
    said = words(about.get("@severity"))
    return None if said is None else grade(said, "cvss")


def status_of(word: str) -> Said:
    """Return the status of a result in words: ``vulnerable-version``, ``exception-vulnerable-exploited``."""
    lower = word.lower()
    if lower.startswith(("exception", "overridden", "potential-exception")):
        return Said(ObservationStatus.SUPPRESSED, word)
    if lower.startswith(("vulnerable", "potential")):
        return Said(ObservationStatus.OPEN, word)
    if lower.startswith("not-vulnerable") or lower == "fixed":
        return Said(ObservationStatus.PASSED, word)
    if lower.startswith(("skipped", "no-test", "not-applicable")):
        return Said(ObservationStatus.NOT_APPLICABLE, word)
    return Said(ObservationStatus.MANUAL, word)


def _sure(status: Said) -> Confidence | None:
    word = (status.raw or "").lower()
    return _SURE.get(word.rpartition("-")[2]) if "vulnerable-" in word and not word.startswith("not") else None


def _suppressions(status: Said) -> list[Suppression]:
    if status.status is not ObservationStatus.SUPPRESSED:
        return []
    return [construct(Suppression, {"kind": "external", "status": "accepted", "justification": status.raw})]


def _references(about: dict[str, Any]) -> tuple[list[Identifier], list[Reference], list[str]]:
    """Return the names, the links, and the entries of other databases as ``BID:1234``."""
    named: list[str] = []
    links: list[Reference] = []
    others: list[str] = []
    for each in items_of(obj(about.get("references")).get("reference")):
        source, value = words(obj(each).get("@source")) or "", words(obj(each).get("#text"))
        if value is None:
            continue
        if source == "URL":
            links.append(construct(Reference, {"url": value}))
        elif identifiers(value) or identifiers(f"{_NAMED.get(source, source)}-{value}"):
            named.append(value if identifiers(value) else f"{_NAMED.get(source, source)}-{value}")
        else:
            others.append(f"{source}:{value}")
    return identifiers(named, source="rapid7"), links, others


def _fix(about: dict[str, Any]) -> Fix | None:
    advice = _prose(about.get("solution"))
    return None if advice is None else construct(Fix, {"recommendation": advice})


def _prose(value: Any) -> str | None:
    """Return the text of Nexpose's mark-up (``ContainerBlockElement``, ``Paragraph``, ``ListItem``, ``URLLink``)."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, str):
            found.append(" ".join(part.split()))
        elif isinstance(part, list):
            for item in part:
                walk(item)
        elif isinstance(part, dict):
            walk(part.get("#text"))
            for key, item in part.items():
                if (key == "@LinkURL" and item != part.get("#text")) or key[0] not in "@#":
                    walk(item)

    walk(value)
    return "\n".join(dict.fromkeys(each for each in found if each)) or None


def read_simple(document: dict[str, Any], reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each result of the simple XML export, which tells no more than codes and names."""
    devices = [obj(each) for each in items_of(obj(document.get("devices")).get("device"))]
    for device in devices:
        address = words(device.get("@address"))
        system = words(obj(device.get("fingerprint")).get("description"))
        machine = _Machine(address, None, None, system, _asset(address, len(devices) > 1))
        places = [(obj(device.get("vulnerabilities")), machine.at())]
        for service in map(obj, items_of(obj(device.get("services")).get("service"))):
            place = machine.at(service.get("@port"), service.get("@protocol"), service.get("@name"))
            places.append((obj(service.get("vulnerabilities")), place))
        for listed, place in places:
            for result in map(obj, items_of(listed.get("vulnerability"))):
                yield _simple(result, place, machine, reading)


def _simple(result: dict[str, Any], place: HostLocation | None, machine: _Machine, reading: Reading) -> Observation:
    code = words(result.get("@resultCode")) or ""
    said = RESULT_CODES.get(code.upper(), code)
    ids = [obj(each) for each in items_of(result.get("id"))]
    named = identifiers([words(each.get("#text")) for each in ids], source="rapid7")
    others = [f"{each.get('@type')}:{each.get('#text')}" for each in ids if not identifiers(each.get("#text"))]
    status = status_of(said)
    return reading.observe(
        kind=Kind.HOST,
        rule_id=words(result.get("@id")),
        title=words(result.get("@id")),
        confidence=_sure(status),
        status=status,
        identifiers=named,
        location=place,
        suppressions=_suppressions(status),
        asset=machine.asset,
        unmapped={"references": others} if others else {},
    )
