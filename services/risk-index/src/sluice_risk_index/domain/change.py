"""What other rules change about findings, counted: for a plan before, and for the digests afterwards."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import SlaState

BANDS = (10.0, 40.0, 70.0, 90.0)
"""Where the bands of the score begin, besides 0: ten times those of CVSS's severity ratings."""


class DueChange(StrEnum):
    """What becomes of a deadline."""

    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    GAINED = "gained"
    LOST = "lost"
    STOPPED = "stopped"


class Band(StrEnum):
    """A band of the score."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_BANDS = tuple(Band)


def band_of(score: float) -> Band:
    """Return the band of a score, 0-100."""
    return _BANDS[bisect_right(BANDS, score)]


@dataclass(frozen=True, slots=True)
class Change:
    """What changes about a finding; whose and of which tier it is then.

    ``bands`` are those of its score, then and now; None where it stays in one.
    """

    team: str
    tier: str
    due: DueChange
    breached: bool
    was_class: RiskClass
    now_class: RiskClass
    bands: tuple[Band, Band] | None
    was_team: str

    @property
    def visible(self) -> bool:
        """Whether anything changes that people go by."""
        same = self.due is DueChange.SAME and self.was_class is self.now_class and self.bands is None
        return self.breached or not same or self.was_team != self.team


def change_of(before: Finding, after: Finding, bands: tuple[Band, Band] | None = None) -> Change:
    """Compare an open finding before and after; ``bands`` are of its score then and now, if they are known."""
    was_band, now_band = bands or (band_of(before.score), band_of(after.score))
    return Change(
        team=after.team,
        tier=after.tier,
        due=_due_change(before, after),
        breached=after.sla_state is SlaState.BREACHED and before.sla_state is not SlaState.BREACHED,
        was_class=before.risk_class,
        now_class=after.risk_class,
        bands=None if was_band is now_band else (was_band, now_band),
        was_team=before.team,
    )


def _due_change(before: Finding, after: Finding) -> DueChange:
    if after.sla_state is SlaState.PAUSED and before.sla_state is not SlaState.PAUSED:
        return DueChange.STOPPED
    was, now = before.due_at, after.due_at
    if was == now:
        return DueChange.SAME
    if was is None or now is None:
        return DueChange.GAINED if was is None else DueChange.LOST
    return DueChange.EARLIER if now < was else DueChange.LATER


@dataclass(slots=True)
class Tally:
    """Findings by what changes about them."""

    seen: int = 0
    counts: Counter[Change] = field(default_factory=Counter)

    def add(self, change: Change, number: int = 1) -> None:
        """Count so many findings with this change."""
        self.seen += number
        if change.visible:
            self.counts[change] += number

    @property
    def changed(self) -> int:
        """How many findings change in a way that people see."""
        return self.counts.total()

    @property
    def breached(self) -> int:
        """How many are past their deadline at once."""
        return sum(number for change, number in self.counts.items() if change.breached)

    def due(self, by: str | None = None) -> dict[str, Counter[DueChange]]:
        """Return what becomes of deadlines, by ``team``, ``tier`` or ``now_class``; under one name when left out."""
        found: dict[str, Counter[DueChange]] = {}
        for change, number in self.counts.items():
            if change.due is not DueChange.SAME:
                found.setdefault(getattr(change, by) if by else "", Counter())[change.due] += number
        return found

    def moves(self, was: str, now: str) -> Counter[tuple[str, str]]:
        """Return how many go from one value to another: of class, of team."""
        found: Counter[tuple[str, str]] = Counter()
        for change, number in self.counts.items():
            if getattr(change, was) != getattr(change, now):
                found[getattr(change, was), getattr(change, now)] += number
        return found

    def rescored(self) -> Counter[tuple[Band, Band]]:
        """Return how many go from one band of the score to another."""
        found: Counter[tuple[Band, Band]] = Counter()
        for change, number in self.counts.items():
            if change.bands is not None:
                found[change.bands] += number
        return found

    def digests(self) -> Iterator["Digest"]:
        """Yield what each owner is told, those with the most to do first; nothing where nobody has to do anything."""
        by_team: dict[str, Digest] = {}
        for change, number in self.counts.items():
            by_team.setdefault(change.team, Digest(change.team)).count(change, number)
        worth = (digest for digest in by_team.values() if digest.worth_telling)
        yield from sorted(worth, key=lambda d: (-d.breached, -d.earlier, d.team))


@dataclass(slots=True)
class Digest:
    """What a change of rules means to one owner: numbers of findings. One message, however many they are."""

    team: str
    breached: int = 0
    earlier: int = 0
    later: int = 0
    gained: int = 0
    lost: int = 0
    reclassed: int = 0

    def count(self, change: Change, number: int) -> None:
        """Add so many findings with this change."""
        self.breached += number if change.breached else 0
        self.reclassed += number if change.was_class is not change.now_class else 0
        if change.due not in (DueChange.SAME, DueChange.STOPPED):
            setattr(self, change.due.value, getattr(self, change.due.value) + number)

    @property
    def worth_telling(self) -> bool:
        """Whether there is something to do, or less time for it; that there is more time waits until somebody looks."""
        return bool(self.breached or self.earlier or self.gained)

    def sentence(self, rules: str) -> str:
        """Say it in one line."""
        parts = [
            f"{number} {what}"
            for number, what in (
                (self.breached, "overdue at once"),
                (self.earlier, "due earlier"),
                (self.later, "due later"),
                (self.gained, "with a deadline now"),
                (self.lost, "without one now"),
                (self.reclassed, "in another class"),
            )
            if number
        ]
        return f"Policy {rules} changed your findings: {', '.join(parts)}"
