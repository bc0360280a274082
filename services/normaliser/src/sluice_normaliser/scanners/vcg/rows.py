"""VCG's CSV: no header, quotes that are not always escaped, so rows are found by how they begin."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, clean_path, construct, grade
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation, ObservationStatus

CELLS = r"[1-7],(?:Critical|High|Medium|Standard|Low|Suspicious Comment|Potential Issue|Possibly Safe),\""
"""How each row begins: the priority, its name, and the quote before the title."""

_START = re.compile(rf"^(?={CELLS})", re.MULTILINE)
_ROW = re.compile(
    r'(?P<priority>\d),(?P<severity>[^,]*),"(?P<title>.*?)","(?P<description>.*?)",(?P<file>[^"\n]*?),(?P<line>-?\d+),'
    r'"(?P<code>.*)"(?:,(?P<checked>true|false),(?P<colour>.*))?\s*',
    re.DOTALL | re.IGNORECASE,
)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each row. Raises ValueError for one that is cut off."""
    text = str(document)
    starts = [match.start() for match in _START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        row = _ROW.fullmatch(text[start:end])
        if row is None:
            raise ValueError(f"line {text.count(chr(10), 0, start) + 1} is no whole row of VCG's CSV")
        graded = grade(row["priority"], "vcg")._replace(raw=row["severity"])
        line = int(row["line"])
        place = {
            "path": clean_path(row["file"].strip()),
            "start_line": line if line > 0 else None,
            "snippet": row["code"].replace('""', '"').strip(),
        }
        yield reading.observe(
            kind=Kind.SAST,
            rule_id=row["title"].strip(),
            title=row["title"],
            description=row["description"].replace('""', '"'),
            severity=graded,
            status=ObservationStatus.SUPPRESSED if (row["checked"] or "").lower() == "true" else ObservationStatus.OPEN,
            location=construct(CodeLocation, {key: value for key, value in place.items() if value}),
            tags=[row["severity"]],
        )
