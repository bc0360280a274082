"""What is in the lists of results, together with what the glossary says about each QID."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Grade, Reading, construct, grade
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import make
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.reading import evidence_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.text import plain
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import (
    Confidence,
    Evidence,
    Fix,
    Kind,
    Observation,
    ObservationStatus,
    Severity,
    Suppression,
    UrlLocation,
)

TIMES = ("%d %b %Y %I:%M%p GMT%z", "%d %b %Y %I:%M%p GMT")

_LISTS = ("VULNERABILITY", "SENSITIVE_CONTENT", "INFORMATION_GATHERED")
_STATUS = {"FIXED": ObservationStatus.FIXED, "PROTECTED": ObservationStatus.SUPPRESSED}
_USED = frozenset(
    {"UNIQUE_ID", "DETECTION_ID", "QID", "URL", "PARAM", "ACCESS_PATH", "POTENTIAL", "PAYLOADS", "IGNORED", "STATUS"}
    | {"DATA", "DETECTION_DATE", "FIRST_TIME_DETECTED", "LAST_TIME_DETECTED", "TIMES_DETECTED", "CONTENT"}
)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each entry of the lists of results, in their order."""
    root = obj(document)
    listed = items_of(obj(obj(root.get("GLOSSARY")).get("QID_LIST")).get("QID"))
    glossary = {words(entry.get("QID")): entry for entry in map(obj, listed)}
    applications = [obj(each) for each in items_of(obj(root.get("APPENDIX")).get("WEBAPP"))]
    target = words(applications[0].get("URL")) if len(applications) == 1 else None
    for results in map(obj, items_of(root.get("RESULTS"))):
        yield from _lists(results, target, glossary, reading)
        for application in map(obj, items_of(results.get("WEB_APPLICATION"))):
            own = words(application.get("URL")) or target
            yield from _lists(application, own, glossary, reading)


def _lists(
    holder: dict[str, Any], target: str | None, glossary: dict[str | None, dict[str, Any]], reading: Reading
) -> Iterator[Observation]:
    for name in _LISTS:
        for each in items_of(obj(holder.get(f"{name}_LIST")).get(name)):
            entry = obj(each)
            yield _observation(name, entry, target, glossary.get(words(entry.get("QID")), {}), reading)


def _observation(
    name: str, entry: dict[str, Any], target: str | None, about: dict[str, Any], reading: Reading
) -> Observation:
    qid, informational = words(entry.get("QID")) or "0", name == "INFORMATION_GATHERED"
    payloads = [obj(payload) for payload in items_of(obj(entry.get("PAYLOADS")).get("PAYLOAD"))]
    method = next((words(obj(payload.get("REQUEST")).get("METHOD")) for payload in payloads), None)
    potential = words(entry.get("POTENTIAL")) == "true" or (words(about.get("CATEGORY")) or "").startswith("Potential")
    ignored = words(entry.get("IGNORED")) == "true"
    said, score = words(entry.get("STATUS")), words(about.get("CVSS_BASE"))
    address = words(entry.get("URL")) or target
    solution = _text(about.get("SOLUTION"))
    return reading.observe(
        kind=Kind.DAST,
        rule_id=f"QID-{qid}",
        title=words(about.get("TITLE")) or f"QID {qid}",
        description="\n\n".join(filter(None, (_text(about.get("DESCRIPTION")), _impact(about)))) or None,
        severity=Grade(Severity.INFO, words(about.get("SEVERITY")))
        if informational
        else grade(words(about.get("SEVERITY")), "1-5"),
        confidence=None if informational else Confidence.LOW if potential else Confidence.HIGH,
        scanner_confidence=words(about.get("CATEGORY")),
        status=_status(said, informational=informational, ignored=ignored),
        scanner_status=said,
        identifiers=_identifiers(qid, about),
        cwes=words(about.get("CWE")),
        location=_url(address, method, words(entry.get("PARAM"))),
        related_locations=[
            place
            for each in (*items_of(obj(entry.get("ACCESS_PATH")).get("URL")), entry.get("FORM_ENTRY_POINT"))
            if (place := _url(words(each)))
        ],
        ratings=[
            rated
            for rated in (
                rating("qualys", score=score, vector=words(about.get("CVSS_VECTOR"))) if score else None,
                _cvss3(about),
            )
            if rated
        ],
        fix=construct(Fix, {"recommendation": solution}) if solution and solution != "N/A" else None,
        evidence=_evidence(entry, payloads),
        suppressions=[construct(Suppression, {"kind": "external", "status": "accepted"})] if ignored else None,
        fingerprints={
            key: value
            for key, value in (
                ("qualys_was", words(entry.get("UNIQUE_ID"))),
                ("qualys_was_detection", words(entry.get("DETECTION_ID"))),
            )
            if value
        },
        occurrence_count=_number(entry.get("TIMES_DETECTED")),
        tags=[tag for tag in (words(about.get("GROUP")), words(about.get("CATEGORY"))) if tag],
        first_detected_at=_time(entry.get("FIRST_TIME_DETECTED")),
        last_detected_at=_time(entry.get("LAST_TIME_DETECTED")) or _time(entry.get("DETECTION_DATE")),
        unmapped={
            **{key: value for key, value in entry.items() if key not in _USED and value not in ("", None)},
            **({"CVSS_TEMPORAL": temporal} if (temporal := words(about.get("CVSS_TEMPORAL"))) else {}),
        },
    )


def _status(said: str | None, *, informational: bool, ignored: bool) -> ObservationStatus:
    found = _STATUS.get((said or "").upper())
    if found is not None:
        return found
    if ignored:
        return ObservationStatus.SUPPRESSED
    return ObservationStatus.INFORMATIONAL if informational else ObservationStatus.OPEN


def _text(value: Any) -> str | None:
    found = words(value)
    return plain(found).strip() if found else None


def _impact(about: dict[str, Any]) -> str | None:
    found = _text(about.get("IMPACT"))
    return None if found is None or found.lower().replace(" ", "").rstrip(".") in {"n/a", "notapplicable"} else found


def _identifiers(qid: str, about: dict[str, Any]) -> list[Any]:
    found = [make("qid", f"QID-{qid}", source="qualys")]
    found += [make("cwe", part.strip()) for part in _parts(about, "CWE") if part.upper().startswith("CWE-")]
    found += [make("wasc", part.upper()) for part in _parts(about, "WASC")]
    found += [make("owasp", part.upper()) for part in _parts(about, "OWASP")]
    return found


def _parts(about: dict[str, Any], name: str) -> list[str]:
    return [part.strip() for part in (words(about.get(name)) or "").split(",") if part.strip()]


def _cvss3(about: dict[str, Any]) -> Any:
    inner = obj(about.get("CVSS_V3"))
    score, vector = words(inner.get("BASE")), words(inner.get("ATTACK_VECTOR") or inner.get("VECTOR"))
    return rating("qualys", score=score, vector=vector, version="3.1") if score or vector else None


def _url(address: str | None, method: str | None = None, parameter: str | None = None) -> UrlLocation | None:
    if address is None:
        return None
    return construct(UrlLocation, {"url": address, "method": method, "parameter": parameter})


def _number(value: Any) -> int | None:
    found = words(value)
    return int(found) if found and found.isdigit() else None


def _time(value: Any) -> Any:
    return parse_time(words(value), *TIMES)


def _decoded(value: Any) -> str | None:
    """Return the text of an element that may be in base64."""
    element, found = obj(value), words(value)
    if found is None or element.get("@base64") != "true":
        return found
    try:
        return base64.b64decode("".join(found.split())).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return found


def _evidence(entry: dict[str, Any], payloads: list[dict[str, Any]]) -> list[Evidence] | None:
    found = [("output", _decoded(entry.get("DATA"))), ("output", _decoded(entry.get("CONTENT")))]
    for payload in payloads:
        response = obj(payload.get("RESPONSE"))
        found += [
            ("payload", words(payload.get("PAYLOAD"))),
            ("request", _request(obj(payload.get("REQUEST")))),
            ("response", _decoded(response.get("CONTENTS"))),
            ("match", _decoded(response.get("EVIDENCE"))),
        ]
    return [evidence_of(kind, told) for kind, told in found if told and told.strip()] or None


def _request(request: dict[str, Any]) -> str | None:
    """Return a request as it goes over the wire, as far as the report has it."""
    head = " ".join(part for part in (words(request.get("METHOD")), words(request.get("URL"))) if part)
    headers = [obj(each) for each in items_of(obj(request.get("HEADERS")).get("HEADER"))]
    lines = [f"{words(each.get('key'))}: {words(each.get('value'))}" for each in headers if words(each.get("key"))]
    body = words(request.get("BODY"))
    return "\n".join([head, *lines, *(["", body] if body else [])]) if head else None
