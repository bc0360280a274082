"""``infer-out/report.txt``: what Infer prints, a paragraph for each issue and a count of each type at the end."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, Reading, TextShape, construct, grade
from sluice_normaliser.kit.text import strip_ansi
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_LEVEL = r"(?:error|warning|info|advice|like)"
_ISSUE = re.compile(rf"^(?P<file>\S[^\n]*?):(?P<line>\d+): (?P<level>{_LEVEL}): (?P<type>[^\n]+)$", re.MULTILINE)
_TYPE = re.compile(r"^\s+(?P<name>\S[^\n]*)\((?P<id>[A-Z][A-Z0-9_]+)\): \d+$", re.MULTILINE)
_END = re.compile(r"^(?:#\d+|Found \d+ issues?.*)$", re.MULTILINE)
_SOURCE = re.compile(r"^\s*\d+\. ")


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the issues in their order."""
    page = strip_ansi(str(document))
    types = {found["name"].strip(): found["id"] for found in _TYPE.finditer(page)}
    issues = list(_ISSUE.finditer(page))
    for number, found in enumerate(issues):
        end = issues[number + 1].start() if number + 1 < len(issues) else len(page)
        below = _END.split(page[found.end() : end])[0].splitlines()
        shown = next((at for at, line in enumerate(below) if _SOURCE.match(line)), len(below))
        said = " ".join(part for line in below[:shown] if (part := line.strip()))
        name = found["type"].strip()
        yield reading.observe(
            kind=Kind.SAST,
            rule_id=types.get(name, name),
            rule_name=name,
            title=name,
            message=said or None,
            severity=grade(found["level"], "levels"),
            location=construct(CodeLocation, {"path": found["file"], "start_line": found["line"]}),
            evidence={"code": "\n".join(below[shown:]).strip("\n")},
        )


LISTING = Format(
    name="infer-text",
    container="text",
    detect=TextShape(patterns=(rf"^#\d+\s*\n\S[^\n]*:\d+: {_LEVEL}: ",)),
    parse=read,
)
