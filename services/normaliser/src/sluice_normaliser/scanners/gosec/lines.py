"""The lines of code of a result, and the report in CSV, which has no header."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.containers.csv import Header, rows
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_NUMBERED = re.compile(r"(?P<line>\d+): ?(?P<code>.*)")
_COLUMNS = ("file", "line", "details", "severity", "confidence", "code", "cwe")


def start_of(lines: Any) -> str:
    """Return the first line of ``12-14``."""
    return str(lines or "").partition("-")[0]


def end_of(lines: Any) -> str:
    """Return the last line of ``12-14``."""
    return str(lines or "").rpartition("-")[2]


def flagged(extract: Any, lines: Any) -> str | None:
    """Return the flagged lines; newer versions number them and add their neighbours."""
    if not isinstance(extract, str):
        return None
    numbered = [match for line in extract.splitlines() if (match := _NUMBERED.fullmatch(line))]
    start, end = start_of(lines), end_of(lines)
    if not numbered or not (start.isdigit() and end.isdigit()):
        return extract
    wanted = [match["code"] for match in numbered if int(start) <= int(match["line"]) <= int(end)]
    return "\n".join(wanted) or extract


def read(document: str, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of a report in CSV."""
    named = ",".join(_COLUMNS) + "\n"
    for row in rows(named + document, Header(_COLUMNS, ",", 0)):
        place = {
            "path": words(row.get("file")),
            "start_line": start_of(row.get("line")),
            "end_line": end_of(row.get("line")),
            "snippet": flagged(row.get("code"), row.get("line")),
        }
        cwe = words(row.get("cwe"))
        yield reading.observe(
            kind=Kind.SAST,
            title=words(row.get("details")),
            message=words(row.get("details")),
            severity=grade(row.get("severity")),
            confidence=words(row.get("confidence")),
            cwes=[cwe] if cwe else None,
            location=construct(CodeLocation, place) if place["path"] else None,
            evidence={"code": found} if (found := words(row.get("code"))) else None,
        )
