"""CSV in the dialects in which tools and spreadsheets write it."""

import csv as stdlib_csv
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

MAX_FIELD = 16 * 1024 * 1024
"""Characters of one cell."""

HEADER_WITHIN = 30
"""Lines before the header that some exports put in front."""

_SHORT = 8
"""Characters of a cell that is kept once for all rows that have it: ``High``, ``open``."""

_DELIMITERS = ",;\t|"

stdlib_csv.field_size_limit(MAX_FIELD)


class Header(NamedTuple):
    """A line that may be the header: its columns, its delimiter, and how many lines stand before it."""

    columns: tuple[str, ...]
    delimiter: str
    line: int


def headers(text: str) -> list[Header]:
    """Return the lines near the top that may be a header, each with the delimiter that splits it best.

    ``text`` is the beginning of the table; a line that it cuts is none that matters.
    """
    found: list[Header] = []
    lines = io.StringIO(text).readlines()
    for number, line in enumerate(lines[:HEADER_WITHIN]):
        if line.lower().startswith("sep=") or not line.strip():
            continue
        best: tuple[str, ...] = ()
        delimiter = ","
        for candidate in _DELIMITERS:
            columns = _split(line, candidate)
            if len(columns) > len(best):
                best, delimiter = columns, candidate
        found.append(Header(best, delimiter, number))
    return found


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        row = next(stdlib_csv.reader([line], delimiter=delimiter), [])
    except stdlib_csv.Error:
        return ()
    return tuple(cell.strip().lstrip("\ufeff") for cell in row)


def rows(table: str | bytes, header: Header) -> Iterator[dict[str, Any]]:
    """Yield each row below the header as an object; blank rows are none. Cells beyond the header are under ``#extra``.

    The table is decoded (from UTF-8) as it is read: as one text for reading it would be five times as large.
    Raises ReportError (MALFORMED) with the line when a quote never ends.
    """
    raw = table if isinstance(table, bytes) else table.encode("utf-8", "replace")
    stream = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", errors="replace", newline="")
    for _ in range(header.line):
        stream.readline()
    reader = stdlib_csv.reader(stream, delimiter=header.delimiter)
    next(reader, None)
    names = _distinct(header.columns)
    width = len(names)
    short: dict[str, str] = {}
    try:
        for cells in reader:
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            row: dict[str, Any] = {
                name: cell if len(cell) > _SHORT else short.setdefault(cell, cell)
                for name, cell in zip(names, cells, strict=False)
            }
            if len(cells) > width:
                row["#extra"] = cells[width:]
            yield row
    except stdlib_csv.Error as error:
        raise ReportError(
            RejectReason.MALFORMED,
            f"no valid CSV near line {header.line + reader.line_num}: {error}. Export the report again",
        ) from error


def escaped(text: str) -> Iterator[list[str]]:
    """Yield the cells of each line of a CSV without a header, or whose quotes are escaped by a backslash.

    Raises ReportError (MALFORMED) with the line when it is none.
    """
    reader = stdlib_csv.reader(io.StringIO(text, newline=""), escapechar="\\")
    try:
        yield from reader
    except stdlib_csv.Error as error:
        raise ReportError(
            RejectReason.MALFORMED, f"no valid CSV near line {reader.line_num}: {error}. Export the report again"
        ) from error


def _distinct(columns: tuple[str, ...]) -> list[str]:
    """Return column names in which a repeated one has its number: ``CVSS``, ``CVSS 2``."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for column in columns:
        seen[column] = seen.get(column, 0) + 1
        names.append(column if seen[column] == 1 else f"{column} {seen[column]}")
    return names
