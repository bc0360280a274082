"""Exports in which each line stands in quotes as a whole, and those of its cells are doubled."""

import csv
import io
from collections.abc import Iterator

from sluice_normaliser.kit import Reading
from sluice_normaliser.kit.containers.csv import Header, rows
from sluice_normaliser.scanners.qualys_vmdr.maps import MAP
from sluice_shared.contracts.finding import Observation

_MAP = MAP.compile()
_FIRST = ("QID,", "CVE,")


def read(text: str, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of the table that is within the quotes; lines before its header are no part of it."""
    lines = [cells[0] for cells in csv.reader(io.StringIO(text, newline="")) if len(cells) == 1]
    start = next((number for number, line in enumerate(lines) if line.startswith(_FIRST)), len(lines))
    columns = next(csv.reader(lines[start : start + 1]), [])
    header = Header(tuple(column.strip() for column in columns), ",", 0)
    for number, row in enumerate(rows("\n".join(lines[start:]), header)):
        yield from _MAP.run((None, None, number, row), reading)
