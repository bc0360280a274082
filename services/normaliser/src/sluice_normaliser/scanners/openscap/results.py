"""From XCCDF test results to scans: each result with what the benchmark says about its rule."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import ParsedScan, Reading, Said, construct
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.text import plain
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import Compliance, Fix, HostLocation, Identifier, Kind, ObservationStatus

_STATUSES = {
    "fail": ObservationStatus.OPEN,
    "error": ObservationStatus.MANUAL,
    "unknown": ObservationStatus.MANUAL,
    "notchecked": ObservationStatus.MANUAL,
    "pass": ObservationStatus.PASSED,
    "fixed": ObservationStatus.FIXED,
    "informational": ObservationStatus.INFORMATIONAL,
    "notapplicable": ObservationStatus.NOT_APPLICABLE,
    "notselected": ObservationStatus.NOT_APPLICABLE,
}
_MAPPED = frozenset({"@idref", "@time", "@severity", "result", "ident", "fix", "message", "check", "instance"})


def listed(value: Any) -> list[Any]:
    """Return what may be one element, several or none as a list."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _each(node: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yield the elements of a name, however deep they stand, in order."""
    for key, value in obj(node).items():
        for item in listed(value):
            if key == name:
                yield obj(item)
            if isinstance(item, dict):
                yield from _each(item, name)


def read(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield a scan for each test result; a benchmark without any gives one that shows nothing."""
    rules = {words(rule.get("@id")) or "": rule for rule in _each(document, "Rule")}
    found = [obj(document)] if "rule-result" in obj(document) else list(_each(document, "TestResult"))
    for number, test in enumerate(found):
        profile = words(obj(test.get("profile")).get("@idref"))
        reading.scanner_name = words(test.get("@test-system"))
        scan = reading.scan(
            category=profile or "",
            scanned_at=parse_time(words(test.get("@end-time"))),
        )
        if number and not profile:
            scan.category = words(test.get("@id")) or ""
        place, further = _places(test)
        for result in listed(test.get("rule-result")):
            scan.observations.append(_observe(obj(result), rules, place, further, test, reading))
        yield scan
    if not found:
        yield reading.scan()


def _observe(
    result: dict[str, Any],
    rules: dict[str, dict[str, Any]],
    place: HostLocation | None,
    further: list[HostLocation],
    test: dict[str, Any],
    reading: Reading,
) -> Any:
    name = words(result.get("@idref")) or "unknown"
    rule = _inherited(rules, name)
    said = words(result.get("result"))
    benchmark = obj(test.get("benchmark"))
    repair = [
        words(each) for each in (*listed(result.get("fix")), *listed(rule.get("fixtext")), *listed(rule.get("fix")))
    ]
    return reading.observe(
        kind=Kind.COMPLIANCE,
        rule_id=name,
        title=_said(rule.get("title")) or name,
        description="\n\n".join(text for key in ("description", "rationale") if (text := _said(rule.get(key)))) or None,
        message="\n".join(text for each in listed(result.get("message")) if (text := words(each))) or None,
        severity=words(result.get("@severity")) or words(rule.get("@severity")),
        status=Said(_STATUSES.get((said or "").lower(), ObservationStatus.OPEN), said),
        identifiers=_identifiers([*listed(result.get("ident")), *listed(rule.get("ident"))]),
        location=place,
        related_locations=list(further),
        fix=construct(Fix, {"recommendation": plain(repair[0])}) if repair and repair[0] else None,
        references=[words(each.get("@href")) for each in map(obj, listed(rule.get("reference"))) if each.get("@href")],
        compliance=_compliance(rule, said, words(benchmark.get("@id")) or words(benchmark.get("@href"))),
        evidence={"instance": words(result.get("instance")), "check": words(result.get("check"))},
        last_detected_at=parse_time(words(result.get("@time"))),
        unmapped={key: value for key, value in result.items() if key not in _MAPPED and value},
    )


def _inherited(rules: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """Return a rule with what it takes over from the rules that it extends."""
    merged: dict[str, Any] = {}
    seen: set[str] = set()
    while name in rules and name not in seen:
        seen.add(name)
        merged = {**rules[name], **merged}
        name = words(rules[name].get("@extends")) or ""
    return merged


def _said(value: Any) -> str | None:
    told = next((words(each) for each in listed(value)), None)
    return plain(told) if told else None


def _identifiers(idents: list[Any]) -> list[Identifier]:
    found: list[Identifier] = []
    for each in idents:
        system = words(obj(each).get("@system"))
        name = words(each)
        if name:
            scheme = "cce" if name.upper().startswith("CCE-") else "vendor"
            found += identifiers(name, source=system, otherwise=scheme)
    return list({(each.type, each.value): each for each in found}.values())


def _compliance(rule: dict[str, Any], said: str | None, benchmark: str | None) -> list[Compliance]:
    found = [
        construct(
            Compliance,
            {"standard": words(obj(each).get("@href")), "control": words(obj(each).get("#text")), "status": said},
        )
        for each in listed(rule.get("reference"))
        if words(obj(each).get("@href")) and words(obj(each).get("#text"))
    ]
    return found or ([construct(Compliance, {"standard": benchmark, "status": said})] if benchmark else [])


def _places(test: dict[str, Any]) -> tuple[HostLocation | None, list[HostLocation]]:
    names = [name for each in listed(test.get("target")) if (name := words(each))]
    addresses = [
        address
        for each in listed(test.get("target-address"))
        if (address := words(each)) and address not in {"127.0.0.1", "::1", "0:0:0:0:0:0:0:1"}
    ]
    every = [*names, *(address for address in addresses if address not in names)]
    places = [construct(HostLocation, {"host": name, "ip": name if name in addresses else None}) for name in every]
    if places and addresses and places[0].ip is None:
        places[0].ip = addresses[0]
    return (places[0] if places else None), places[1:]
