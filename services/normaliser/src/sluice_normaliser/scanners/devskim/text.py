"""The lines that DevSkim prints: ``src/a.c:14:3:14:9 [Critical] DS185832 Do not use strcpy``."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_HIT = re.compile(
    r"^(?P<path>.+):(?P<start_line>\d+):(?P<start_column>\d+):(?P<end_line>\d+):(?P<end_column>\d+) "
    r"\[(?P<severity>[A-Za-z, ]+)\] (?P<rule>\S+) (?P<name>.+?)\s*$",
    re.MULTILINE,
)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation a line."""
    for match in _HIT.finditer(document):
        found = match.groupdict()
        place = {name: found[name] for name in ("path", "start_line", "start_column", "end_line", "end_column")}
        yield reading.observe(
            kind=Kind.SAST,
            rule_id=found["rule"],
            rule_name=found["name"],
            title=found["name"],
            severity=grade(found["severity"], "devskim"),
            location=construct(CodeLocation, place),
        )
