"""What a group of findings is measured by: an asset, a team, a programme, or all of them.

Each measure is defined here once; ``docs/risk.md`` says the same for people. Ratios are from 0 to 1, and None where
there is nothing to divide by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import Catalogue
from sluice_risk_index.domain.sla import SlaState, backlog_span
from sluice_risk_index.domain.triage import Decision

WINDOW = timedelta(days=90)
"""The time over which is measured what ended, came back or was detected."""
ALL = "all"
"""The class of all classes together."""


class Level(StrEnum):
    """What findings are grouped by; a programme is a group of teams."""

    ALL = "all"
    PROGRAMME = "programme"
    TEAM = "team"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: in how many cases, the median and the 90th percentile, in seconds."""

    count: int
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Open findings at a moment; those that are excused only in ``excused``, by decision.

    ``mean_age`` is in seconds since they were first seen. Of the backlog, which is what was there when their teams
    were onboarded, ``backlog`` are open, ``backlog_there`` those and the excused ones, and ``ideal`` is how many of the
    latter may be left by now.
    """

    open: int = 0
    index: float = 0.0
    by_class: Mapping[str, int] = field(default_factory=dict)
    by_severity: Mapping[str, int] = field(default_factory=dict)
    by_sla: Mapping[str, int] = field(default_factory=dict)
    excused: Mapping[str, int] = field(default_factory=dict)
    mean_age: float | None = None
    oldest_at: datetime | None = None
    backlog: int = 0
    backlog_there: int = 0
    ideal: float = 0.0


@dataclass(frozen=True, slots=True)
class Flow:
    """What happened within the window: ends (in time or late, where an SLA bound them), returns, and how long it took.

    ``mttr`` and ``mttd`` are by class, and by :data:`ALL`. Of the backlog, ``backlog_gone`` have ended since their
    teams were onboarded, and ``ideal`` is how many of them could still be there by now.
    """

    resolved: int = 0
    met: int = 0
    late: int = 0
    reopened: int = 0
    mttr: Mapping[str, Spread] = field(default_factory=dict)
    mttd: Mapping[str, Spread] = field(default_factory=dict)
    backlog_gone: int = 0
    ideal: float = 0.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What was there when the teams were onboarded: how many, how many are left, how many may be left by now."""

    initial: int
    remaining: int
    ideal: float

    @property
    def burned_down(self) -> float:
        """The part that is dealt with."""
        return 1 - self.remaining / self.initial


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that is measured of a group."""

    standing: Standing = Standing()
    flow: Flow = Flow()

    @property
    def sla_met(self) -> float | None:
        """The part in time, of what ended in the window under an SLA and what is open past its deadline."""
        breached = self.standing.by_sla.get(SlaState.BREACHED, 0)
        return _ratio(self.flow.met, self.flow.met + self.flow.late + breached)

    @property
    def reopen_rate(self) -> float | None:
        """The part that came back, of what came back or ended for good within the window."""
        return _ratio(self.flow.reopened, self.flow.reopened + self.flow.resolved)

    @property
    def false_positive_ratio(self) -> float | None:
        """The part decided to be false, of all that scanners report now."""
        excused = self.standing.excused
        return _ratio(excused.get(Decision.FALSE_POSITIVE, 0), self.standing.open + sum(excused.values()))

    @property
    def baseline(self) -> Backlog | None:
        """The backlog of onboarding; None where there was none."""
        initial = self.standing.backlog_there + self.flow.backlog_gone
        if not initial:
            return None
        return Backlog(initial, self.standing.backlog, self.standing.ideal + self.flow.ideal)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What has to be known of each team to group its findings and to measure its backlog.

    ``ideal_left`` is the part of a backlog that may be left at the moment for which it was made.
    """

    teams: list[str]
    programmes: list[str | None]
    onboarded: list[datetime | None]
    ideal_left: list[float]

    @property
    def earliest(self) -> datetime | None:
        """When the first team was onboarded."""
        return min((at for at in self.onboarded if at is not None), default=None)


def grouping_of(rules: Rules, now: datetime) -> Grouping:
    """Return what measuring at ``now`` needs of the catalogue and of the policy's terms for a backlog."""
    teams = list(rules.catalogue.teams.values())
    spans = [backlog_span(rules.policy.sla, team, rules.calendar_of(team.name)) for team in teams]
    return Grouping(
        [team.name for team in teams],
        [team.programme for team in teams],
        [span[0] if span else None for span in spans],
        [_left(*span, now) if span else 0.0 for span in spans],
    )


def programmes_of(catalogue: Catalogue) -> Iterable[str]:
    """Return the names of all programmes."""
    return sorted({team.programme for team in catalogue.teams.values() if team.programme})


def _left(start: datetime, end: datetime, now: datetime) -> float:
    """Return the part of a backlog that may be left: a straight line from all to none."""
    return min(max((end - now) / (end - start), 0.0), 1.0) if end > start else 0.0


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
