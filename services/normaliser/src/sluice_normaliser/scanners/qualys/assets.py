"""Host-based reports: what was found on each machine, and a glossary at the end that says what it is."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, cvss, grade
from sluice_normaliser.kit.coerce import is_empty
from sluice_normaliser.kit.identifiers import identifiers, make
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.kit.text import plain
from sluice_normaliser.kit.times import parse_time
from sluice_normaliser.kit.unmapped import MAX_NODES, bounded
from sluice_normaliser.scanners.qualys.words import asset, confidence, machine, protocol, said, score, status, vector
from sluice_shared.contracts.finding import Fix, HostLocation, Identifier, Kind, Observation, Rating, Reference

_USED = frozenset(
    {"QID", "TYPE", "PORT", "SERVICE", "PROTOCOL", "RESULT", "FIRST_FOUND", "LAST_FOUND", "TIMES_FOUND", "VULN_STATUS"}
)
Objects = dict[str, Any]


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each vulnerability of each machine."""
    details = obj(obj(obj(document).get("GLOSSARY")).get("VULN_DETAILS_LIST")).get("VULN_DETAILS")
    glossary = {_qid(each.get("QID")): each for each in _objects(details)}
    for machine_ in _objects(obj(document.get("HOST_LIST")).get("HOST")):
        for found in _objects(obj(machine_.get("VULN_INFO_LIST")).get("VULN_INFO")):
            yield _one(found, machine_, glossary.get(_qid(found.get("QID")), {}), reading)


def _objects(value: Any) -> list[Objects]:
    return [each for each in items_of(value) if isinstance(each, dict)]


def _qid(value: Any) -> str:
    return said(obj(value).get("#text") or obj(value).get("@id") or value) or "unknown"


def _text(value: Any) -> str | None:
    found = said(obj(value).get("#text") if isinstance(value, dict) else value)
    return plain(found) if found else None


def _one(found: Objects, on: Objects, about: Objects, reading: Reading) -> Observation:
    qid, sort = _qid(found.get("QID")), _text(found.get("TYPE"))
    names = (_text(on.get("DNS")), _text(found.get("FQDN")), _text(on.get("NETBIOS")), _text(on.get("IP")))
    budget = [MAX_NODES]
    rest = {name: bounded(value, budget) for name, value in found.items() if name not in _USED}
    parts = [_text(about.get("THREAT")), _titled("Impact", about.get("IMPACT"))]
    return reading.observe(
        kind=Kind.HOST,
        rule_id=f"QID-{qid}",
        rule_name=_text(about.get("TITLE")),
        title=_text(about.get("TITLE")) or f"QID {qid}",
        description="\n\n".join(part for part in parts if part) or None,
        severity=grade(_text(about.get("SEVERITY")) or _text(found.get("SEVERITY")), "1-5"),
        confidence=confidence(sort),
        status=status(_text(found.get("VULN_STATUS")), sort),
        identifiers=_identifiers(qid, about),
        location=_location(found, on, names),
        ratings=_ratings(found, about) or None,
        fix=_fix(about),
        references=list(_references(about)) or None,
        evidence={"output": _text(found.get("RESULT"))},
        occurrence_count=_count(found.get("TIMES_FOUND")),
        asset=asset(*names),
        tags=[tag for tag in (_text(about.get("CATEGORY")),) if tag],
        first_detected_at=parse_time(_text(found.get("FIRST_FOUND"))),
        last_detected_at=parse_time(_text(found.get("LAST_FOUND"))),
        unmapped={name: value for name, value in rest.items() if not is_empty(value)},
    )


def _titled(title: str, value: Any) -> str | None:
    found = _text(value)
    return f"{title}:\n{found}" if found else None


def _count(value: Any) -> int | None:
    told = _text(value) or ""
    return int(told) if told.isdigit() else None


def _location(found: Objects, on: Objects, names: tuple[str | None, ...]) -> HostLocation | None:
    name = machine(*names)
    if name is None:
        return None
    values = {
        "host": name,
        "ip": _text(on.get("IP")),
        "port": _count(found.get("PORT")) or None,
        "protocol": protocol(_text(found.get("PROTOCOL"))),
        "service": _text(found.get("SERVICE")),
        "os": _text(on.get("OPERATING_SYSTEM")),
    }
    return construct(HostLocation, {key: value for key, value in values.items() if value is not None})


def _identifiers(qid: str, about: Objects) -> list[Identifier]:
    named = [make("qid", f"QID-{qid}", source="qualys")]
    for each in _objects(obj(about.get("CVE_ID_LIST")).get("CVE_ID")):
        named += identifiers(_text(each.get("ID")))
    for each in _objects(obj(about.get("BUGTRAQ_ID_LIST")).get("BUGTRAQ_ID")):
        number = _text(each.get("ID"))
        named += [make("bid", number)] if number else []
    for each in _objects(obj(about.get("VENDOR_REFERENCE_LIST")).get("VENDOR_REFERENCE")):
        named += identifiers(_text(each.get("ID")), otherwise="vendor")
    return named


def _ratings(found: Objects, about: Objects) -> list[Rating]:
    three, two = obj(about.get("CVSS3_SCORE")), obj(about.get("CVSS_SCORE"))
    rated = (
        _rating("qualys", _text(three.get("CVSS3_BASE")), _text(three.get("CVSS3_VERSION")) or "3.1"),
        _rating("qualys", _text(two.get("CVSS_BASE")), "2.0"),
        _rating("qualys_final", _text(found.get("CVSS3_FINAL")), "3.1"),
        _rating("qualys_final", _text(found.get("CVSS_FINAL")), "2.0"),
    )
    return [each for each in rated if each is not None]


def _rating(source: str, told: str | None, version: str) -> Rating | None:
    return cvss.rating(source, vector=vector(told), score=score(told), version=version)


def _fix(about: Objects) -> Fix | None:
    told = _text(about.get("SOLUTION"))
    return construct(Fix, {"recommendation": told}) if told else None


def _references(about: Objects) -> Iterator[Reference]:
    for inside, each_name in (
        ("VENDOR_REFERENCE_LIST", "VENDOR_REFERENCE"),
        ("CVE_ID_LIST", "CVE_ID"),
        ("BUGTRAQ_ID_LIST", "BUGTRAQ_ID"),
    ):
        for each in _objects(obj(about.get(inside)).get(each_name)):
            address = _text(each.get("URL"))
            if address:
                yield construct(Reference, {"url": address, "title": _text(each.get("ID"))})
