"""What Lynis prints: warnings and suggestions under a headline each, with their details below them."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.text import strip_ansi
from sluice_shared.contracts.finding import Fix, Kind, Observation

_HEADLINE = re.compile(r"^\s*(Warnings|Suggestions) \(\d+\):\s*$")
_ENTRY = re.compile(r"^\s*[!*] (?P<said>.+?) \[(?P<rule>[\w:-]+)\]\s*$")
_DETAIL = re.compile(r"^\s*- (?P<name>Details|Solution)\s*: (?P<said>.*)$")
_LINK = re.compile(r"^\s*(https?://\S+)\s*$")
_LONG = 2000
"""Characters beyond which no line is an entry."""

_LEVELS = {"Warnings": "warning", "Suggestions": "suggestion"}


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each warning and suggestion."""
    level: str | None = None
    entry: dict[str, str] = {}
    for line in strip_ansi(str(document)).splitlines():
        if len(line) > _LONG:
            continue
        headline, started = _HEADLINE.match(line), _ENTRY.match(line)
        if headline or started:
            yield from _told(entry, reading)
            entry = {}
        if headline:
            level = _LEVELS[headline[1]]
        elif started and level:
            entry = {"level": level, **started.groupdict()}
        elif entry and (detail := _DETAIL.match(line)):
            entry[detail["name"].lower()] = detail["said"].strip()
        elif entry and (link := _LINK.match(line)):
            entry["link"] = link[1]
    yield from _told(entry, reading)


def _told(entry: dict[str, str], reading: Reading) -> Iterator[Observation]:
    if not entry:
        return
    solution = entry.get("solution")
    yield reading.observe(
        kind=Kind.HOST,
        rule_id=entry["rule"],
        title=entry["said"],
        message=entry["said"],
        severity=grade(entry["level"], "levels"),
        fix=construct(Fix, {"recommendation": solution}) if solution else None,
        evidence={"details": entry.get("details")},
        references=[entry["link"]] if "link" in entry else [],
    )
