"""Vulnerabilities in the output of scripts: those of vulners, and of all that use Nmap's ``vulns`` library."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import grade
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers, make
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import Confidence, Identifier, ObservationStatus

_VULNERS_LINE = re.compile(
    r"^\s*(?:(?P<cpe>cpe:\S+?):?\s*$|(?P<id>\S+)\t+(?P<score>\d+(?:\.\d+)?)\t+(?P<url>https?://\S+)(?P<exploit>.*)$)",
    re.MULTILINE,
)
_RISK = re.compile(r"Risk factor:\s*(\w+)")
_SCORE = re.compile(r"\d+(?:\.\d+)?")
_VECTOR = re.compile(r"\(?((?:CVSS:[\d.]+/)?AV:[A-Z][^)\s]*)\)?")


class Vulnerability(NamedTuple):
    """The fields of an observation, and the product that has the vulnerability where the script names it."""

    fields: dict[str, Any]
    cpe: str | None = None


def vulnerabilities(script: dict[str, Any]) -> Iterator[Vulnerability]:
    """Yield the vulnerabilities that a script found."""
    name, tables = words(script.get("@id")) or "script", [obj(table) for table in items_of(script.get("table"))]
    if name == "vulners":
        rows = _vulners_rows(tables) if tables else _vulners_lines(words(script.get("@output")) or "")
        for cpe, row in rows:
            yield Vulnerability(_vulners(row, cpe), cpe)
        return
    found = [table for table in tables if "state" in _elements(table)]
    for table in found:
        yield Vulnerability(_listed(name, table, words(script.get("@output")) or "", alone=len(found) == 1))


def _elements(table: dict[str, Any]) -> dict[str, str]:
    """Return the named elements of a table as texts."""
    named = ((words(obj(each).get("@key")), words(obj(each).get("#text"))) for each in items_of(table.get("elem")))
    return {key: value for key, value in named if key and value}


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    return next((obj(each) for each in items_of(table.get("table")) if obj(each).get("@key") == key), {})


def _lines(table: dict[str, Any]) -> list[str]:
    """Return the elements of a table that is a list."""
    return [found for found in (words(each) for each in items_of(table.get("elem"))) if found]


def _vulners_rows(tables: list[dict[str, Any]]) -> Iterator[tuple[str | None, dict[str, str]]]:
    for table in tables:
        rows = items_of(table.get("table"))
        if not rows and "id" in _elements(table):
            yield None, _elements(table)
        for row in rows:
            yield words(table.get("@key")), _elements(obj(row))


def _vulners_lines(output: str) -> Iterator[tuple[str | None, dict[str, str]]]:
    """Yield what old versions of the script wrote as text only."""
    cpe: str | None = None
    for match in _VULNERS_LINE.finditer(output):
        if match["cpe"]:
            cpe = match["cpe"]
            continue
        exploit = "true" if "EXPLOIT" in match["exploit"] else "false"
        yield cpe, {"id": match["id"], "cvss": match["score"], "url": match["url"], "is_exploit": exploit}


def _vulners(row: dict[str, str], cpe: str | None) -> dict[str, Any]:
    name, kind, score = row.get("id") or "unknown", row.get("type") or "cve", row.get("cvss")
    rated = rating("vulners", score=score) if score else None
    exploit = row.get("is_exploit") == "true"
    return {
        "rule_id": name,
        "title": f"{name} in {' '.join((cpe or '').split(':')[3:5])}" if cpe else name,
        "severity": grade(score, "cvss", "vulners"),
        "confidence": Confidence.LOW,  # it only compares versions
        "identifiers": identifiers(name, source="vulners", otherwise="vendor"),
        "ratings": [rated] if rated else None,
        "references": [row.get("url") or f"https://vulners.com/{kind}/{name}"],
        "exploit_maturity": "exploit" if exploit else None,
        "tags": ["vulners", kind],
    }


def _listed(script: str, table: dict[str, Any], output: str, *, alone: bool) -> dict[str, Any]:
    """Return the fields of a vulnerability as the ``vulns`` library writes it."""
    elements, scores = _elements(table), _elements(_table(table, "scores"))
    state = elements.get("state", "")
    names = _names(words(table.get("@key")), _lines(_table(table, "ids")))
    risk = _RISK.search(output) if alone else None
    ratings = [
        rated
        for kind, told in scores.items()
        if (rated := rating(script, vector=_found(_VECTOR, told), score=_found(_SCORE, told), version=kind[-1:]))
    ]
    return {
        "rule_id": names[0].value if names else words(table.get("@key")) or script,
        "rule_name": script,
        "title": elements.get("title"),
        "description": "\n".join(_lines(_table(table, "description"))) or None,
        "message": "\n".join([*_lines(_table(table, "check_results")), *_lines(_table(table, "exploit_results"))])
        or None,
        "severity": _severity(risk, ratings),
        "confidence": Confidence.MEDIUM if state.upper().startswith("LIKELY") else Confidence.HIGH,
        "status": ObservationStatus.PASSED if state.upper().startswith("NOT") else ObservationStatus.OPEN,
        "scanner_status": state or None,
        "identifiers": names,
        "ratings": ratings or None,
        "references": _lines(_table(table, "refs")),
        "evidence": {"output": output} if alone else None,
        "exploit_maturity": "exploitable" if "EXPLOITABLE" in state.upper() else None,
        "published_at": _published(table),
        "tags": [script],
    }


def _names(key: str | None, ids: list[str]) -> list[Identifier]:
    """Return the identifiers in ``CVE:CVE-2014-3566`` and ``BID:70574``, and the one that the table goes under."""
    found = identifiers(key)
    for each in ids:
        scheme, _, value = each.partition(":")
        known = identifiers(value)
        found += known or [make(scheme.strip().lower(), value.strip())] if value else []
    return list({(each.type, each.value): each for each in found}.values())


def _found(pattern: re.Pattern[str], told: str) -> str | None:
    match = pattern.search(told)
    return match.group(match.lastindex or 0) if match else None


def _severity(risk: re.Match[str] | None, ratings: list[Any]) -> Any:
    if risk is not None:
        return grade(risk.group(1))
    scores = [each.score for each in ratings if each.score is not None]
    return grade(max(scores), "cvss") if scores else None


def _published(table: dict[str, Any]) -> Any:
    date = _elements(_table(_table(table, "dates"), "disclosure"))
    if not {"year", "month", "day"} <= date.keys():
        return None
    return parse_time(f"{date['year']}-{date['month'].zfill(2)}-{date['day'].zfill(2)}")
