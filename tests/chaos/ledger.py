"""What must be true in the end, computed from what was pushed alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.chaos.mix import Scan, is_critical


class Position(NamedTuple):
    """A scan's place in time: its own time, then the order of arrival."""

    at: datetime
    sequence: int


class Scope(NamedTuple):
    """What a scan speaks for within its asset."""

    ref: str
    scanner: str


class Alert(NamedTuple):
    """An alert as far as it is to be foreseen."""

    problem: int
    level: str
    clock: int


@dataclass(slots=True)
class Counts:
    """What a report came to, as its receipt says."""

    new: int = 0
    reopened: int = 0
    resolved: int = 0


@dataclass(slots=True)
class Expected:
    """A finding as it must be."""

    open: bool
    first_seen: datetime
    opened: datetime | None = None
    clock: int | None = None


@dataclass(slots=True)
class _Presence:
    since: Position
    confirmed: Position
    gone: datetime | None = None

    @property
    def newest(self) -> Position:
        return max(self.since, self.confirmed)


@dataclass(slots=True)
class _State:
    last_complete: Position | None = None
    shown: dict[int, _Presence] = field(default_factory=dict)


def whatever_the_order(scans: Iterable[tuple[Scan, Position]]) -> dict[int, Expected]:
    """What is open and since when it is known, in whatever order the scans were worked on.

    In a scope that is present which its newest complete scan shows, or any partial scan since.
    """
    by_scope: dict[Scope, list[tuple[Position, Scan]]] = {}
    first: dict[int, datetime] = {}
    for scan, position in scans:
        by_scope.setdefault(Scope(scan.ref, scan.scanner), []).append((position, scan))
        for problem in scan.problems:
            first[problem] = min(first.get(problem, position.at), position.at)
    present: set[int] = set()
    for entries in by_scope.values():
        newest = max((position for position, scan in entries if scan.complete), default=None)
        for position, scan in entries:
            if newest is None or position >= newest:
                present |= scan.problems
    return {problem: Expected(problem in present, at) for problem, at in first.items()}


class Course:
    """The course of one asset whose scans are worked on one after the other."""

    def __init__(self) -> None:
        self.findings: dict[int, Expected] = {}
        self.alerts: set[Alert] = set()
        self._scopes: dict[Scope, _State] = {}

    def apply(self, scan: Scan, position: Position) -> Counts:
        """Take the next scan; return what its receipt must say."""
        state = self._scopes.setdefault(Scope(scan.ref, scan.scanner), _State())
        late = state.last_complete if state.last_complete and position < state.last_complete else None
        counts, touched = Counts(), set[int]()
        for problem in scan.problems:
            if problem not in self.findings:
                counts.new += 1
            if self._see(state, problem, position, complete=scan.complete, late=late):
                touched.add(problem)
        if scan.complete and late is None:
            touched |= _end(state, scan.problems, position)
            state.last_complete = position
        for problem in sorted(touched):
            self._settle(problem, counts)
        return counts

    @staticmethod
    def _see(state: _State, problem: int, position: Position, *, complete: bool, late: Position | None) -> bool:
        known = state.shown.get(problem)
        if known is None or known.gone is not None:
            gone = None
            if late is not None:
                gone = late.at if known is None or known.gone is None else known.gone
                since = min(position, known.since) if known else position
                state.shown[problem] = _Presence(since, since, gone)
            else:
                state.shown[problem] = _Presence(position, position)
            return True
        backdated = position < known.since
        if not complete and position > known.newest:
            known.confirmed = position
        if backdated:
            known.since = position
        return backdated

    def _settle(self, problem: int, counts: Counts) -> None:
        shown = [state.shown[problem] for state in self._scopes.values() if problem in state.shown]
        since = min(p.since.at for p in shown)
        current = [p.since.at for p in shown if p.gone is None]
        before = self.findings.get(problem)
        if before is None:
            self.findings[problem] = Expected(bool(current), since, min(current, default=since), 0)
            counts.resolved += not current
            if current:
                self._tell(problem, "opened", 0)
            return
        before.first_seen = min(before.first_seen, since)
        if current and not before.open:
            before.open, before.opened, before.clock = True, min(current), (before.clock or 0) + 1
            counts.reopened += 1
            self._tell(problem, "reopened", before.clock)
        elif current:
            before.opened = min([*current, *([before.opened] if before.opened else [])])
        elif before.open:
            before.open = False
            counts.resolved += 1
            self._tell(problem, "resolved", before.clock or 0)

    def _tell(self, problem: int, level: str, clock: int) -> None:
        if is_critical(problem):
            self.alerts.add(Alert(problem, level, clock))


def _end(state: _State, problems: frozenset[int], position: Position) -> set[int]:
    """End the presence of what a complete scan no longer shows."""
    gone = {
        problem
        for problem, presence in state.shown.items()
        if presence.gone is None and problem not in problems and presence.newest < position
    }
    for problem in gone:
        state.shown[problem].gone = position.at
    return gone


def required_by(state: Mapping[int, tuple[bool, int, bool]], raised: set[Alert]) -> set[Alert]:
    """The alerts without which the final state cannot be, whatever was seen on the way.

    ``state`` says of each problem whether it is open, on which clock, and whether its deadline is over.
    """
    required = set()
    for problem, (is_open, clock, is_over) in state.items():
        if not is_critical(problem):
            continue
        if is_open:
            required.add(Alert(problem, "reopened" if clock else "opened", clock))
            if is_over:
                required.add(Alert(problem, "breached", clock))
            continue
        told = max((a.clock for a in raised if a.problem == problem and a.level != "resolved"), default=-1)
        if told > max((a.clock for a in raised if a.problem == problem and a.level == "resolved"), default=-1):
            required.add(Alert(problem, "resolved", clock))
    return required
