"""A scan made ready for matching: what the parsing worker hands over, small enough to cross a process boundary."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sluice_shared.contracts.finding import Kind


class Prepared(NamedTuple):
    """One open problem of a scan. ``severity`` is its rank, ``keys`` pairs of algorithm number and hash.

    ``path`` is empty and ``line`` 0 where the problem has none.
    """

    exact: bytes
    keys: tuple[tuple[int, bytes], ...]
    content: bytes
    severity: int
    payload: bytes
    rule: str = ""
    path: str = ""
    line: int = 0


class Position(NamedTuple):
    """A scan's place in time: its own time first, then the order of arrival."""

    at: datetime
    sequence: int


@dataclass(slots=True)
class PreparedScan:
    """One scan of one asset: the scope it speaks for and its open problems, those equal to the letter taken together.

    ``scanned_at`` is None where neither the report nor the client said. ``complete`` is False for a scan that may
    have missed something: partial by its own word, or failed. ``vex`` tells that the report is a VEX document.
    """

    asset: str | None
    scanner: str
    scanner_version: str | None
    category: str
    scanned_at: datetime | None
    complete: bool
    successful: bool
    failure: str | None
    commit: str | None
    ref: str | None
    kinds: tuple[Kind, ...] = ()
    observations: int = 0
    not_open: int = 0
    unknown_severity: int = 0
    problems: list[Prepared] = field(default_factory=list)
    vex: bool = False


@dataclass(slots=True)
class PreparedReport:
    """A report made ready: its format, its scanner, and its scans.

    ``lacks`` is what it would need to be in that format for certain, when only the scanner's name told that it is.
    """

    format: str
    scanner: str
    scans: list[PreparedScan]
    lacks: tuple[str, ...] = ()


def distinct(problems: Iterable[Prepared]) -> list[Prepared]:
    """Take problems that are equal to the letter together; the order of first mention is kept."""
    seen: dict[bytes, Prepared] = {}
    for problem in problems:
        seen.setdefault(problem.exact, problem)
    return list(seen.values())
