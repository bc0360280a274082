"""VCG's CSV: no header, quotes that are not always escaped, so rows are found by how they begin."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, clean_path, construct, grade
from sluice_normaliser.kit.coerce import integer
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation, ObservationStatus

START = r"[1-7],(?:Critical|High|Medium|Standard|Low|Suspicious Comment|Potential Issue|Possibly Safe),"
"""How each row begins: the priority and its name."""

CELLS = rf'{START}"'
"""How each row of VCG's own begins: with the quote before the title."""

_START = re.compile(rf"^(?={CELLS})", re.MULTILINE)
_PLACE = re.compile(r'",(?P<file>[^"\n]*),(?P<line>-?\d+),"')
_END = re.compile(r'"(?:,(?P<checked>true|false),(?P<colour>[^"\n]*))?\s*\Z', re.IGNORECASE)


_CODE = 6
"""The place of the code among the cells."""


class _Row(NamedTuple):
    """The cells of a row."""

    priority: str
    severity: str
    title: str
    description: str
    file: str
    line: int
    code: str
    checked: bool


def _row(text: str) -> _Row | None:
    """Return the cells of a row, or None when it is cut off."""
    head, _, rest = text.partition(',"')
    title, ended, rest = rest.partition('","')
    place = _PLACE.search(rest)
    end = _END.search(rest, place.end()) if place else None
    if not ended or place is None or end is None:
        return None
    priority, _, severity = head.partition(",")
    return _Row(
        priority,
        severity,
        title.strip(),
        rest[: place.start()].replace('""', '"'),
        place["file"].strip(),
        int(place["line"]),
        rest[place.end() : end.start()].replace('""', '"').strip(),
        (end["checked"] or "").lower() == "true",
    )


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each row. Raises ValueError for one that is cut off."""
    text = str(document)
    starts = [match.start() for match in _START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        row = _row(text[start:end])
        if row is None:
            raise ValueError(f"line {text.count(chr(10), 0, start) + 1} is no whole row of VCG's CSV")
        yield _observe(row, reading)


def read_plain(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each row of a table that was written again by another program, with usual quotes."""
    for cells in csv.reader(io.StringIO(str(document), newline="")):
        if len(cells) > _CODE:
            line = integer(cells[5]) or 0
            checked = len(cells) > _CODE + 1 and cells[_CODE + 1].strip().lower() == "true"
            priority, severity, title, description, file = cells[:5]
            row = _Row(
                priority, severity, title.strip(), description, file.strip(), line, cells[_CODE].strip(), checked
            )
            yield _observe(row, reading)


def _observe(row: _Row, reading: Reading) -> Observation:
    place = {"path": clean_path(row.file), "start_line": row.line if row.line > 0 else None, "snippet": row.code}
    return reading.observe(
        kind=Kind.SAST,
        rule_id=row.title,
        title=row.title,
        description=row.description,
        severity=grade(row.priority, "vcg")._replace(raw=row.severity),
        status=ObservationStatus.SUPPRESSED if row.checked else ObservationStatus.OPEN,
        location=construct(CodeLocation, {key: value for key, value in place.items() if value}),
        tags=[row.severity],
    )
