"""Deadlines: how long a finding may stay open, which steps lie on the way, and which of them has been reached."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sluice_risk_index.domain.calendars import WorkCalendar
from sluice_risk_index.domain.catalogue import Team
from sluice_risk_index.domain.durations import BusinessDays
from sluice_risk_index.domain.policy import Policy, RiskClass, SlaPolicy
from sluice_shared.contracts.events import AlertLevel
from sluice_shared.contracts.finding import Kind

_MICROSECOND = timedelta(microseconds=1)
_NO_TIME = timedelta(0)
BREACH = 1.0


class SlaState(StrEnum):
    """How a finding stands towards its deadline."""

    NONE = "none"
    OK = "ok"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    MET = "met"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the clock started and when it runs out."""

    started_at: datetime
    due_at: datetime

    def at(self, fraction: float) -> datetime:
        """Return when this multiple of the time allowed is over; rounded up, so that no timer is early."""
        allowed = (self.due_at - self.started_at) // _MICROSECOND
        return self.started_at + timedelta(microseconds=math.ceil(allowed * fraction))

    def later(self, by: timedelta) -> "Deadline":
        """Return the deadline after the clock has stood still for so long."""
        return Deadline(self.started_at + by, self.due_at + by) if by else self


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at a multiple of the time allowed; ``to`` names the level of an escalation."""

    fraction: float
    level: AlertLevel
    number: int = 0
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far along its steps a finding is: ``reached`` is the multiple of the last step taken, 0 before the first."""

    state: SlaState
    reached: float = 0.0
    next_at: datetime | None = None


NO_SLA = Progress(SlaState.NONE)


class Schedule:
    """The steps of a policy, in their order."""

    def __init__(self, policy: SlaPolicy) -> None:
        self.steps: Sequence[Step] = (
            *(Step(fraction, AlertLevel.WARNED, number) for number, fraction in enumerate(policy.warn)),
            Step(BREACH, AlertLevel.BREACHED),
            *(Step(step.at, AlertLevel.ESCALATED, number, step.to) for number, step in enumerate(policy.escalate)),
        )

    def passed(self, deadline: Deadline, now: datetime) -> Step | None:
        """Return the last step whose time has come."""
        latest = None
        for step in self.steps:
            if deadline.at(step.fraction) > now:
                break
            latest = step
        return latest

    def advance(self, deadline: Deadline, reached: float, now: datetime) -> tuple[Progress, Step | None]:
        """Go on to where ``now`` is, and return the step to tell of, if one was reached since.

        After a pause only the last step reached is told of, not each on the way.
        """
        latest = self.passed(deadline, now)
        if latest is None or latest.fraction <= reached:
            return self.standing(deadline, reached), None
        return self.standing(deadline, latest.fraction), latest

    def standing(self, deadline: Deadline, reached: float) -> Progress:
        """Return the state after the step at ``reached``, and when the next one is."""
        following = next((step for step in self.steps if step.fraction > reached), None)
        state = SlaState.OK
        if reached > 0:
            state = SlaState.BREACHED if reached >= BREACH else SlaState.AT_RISK
        return Progress(state, reached, deadline.at(following.fraction) if following else None)

    def moved(self, deadline: Deadline, reached: float, now: datetime) -> Progress:
        """Return where a finding stands whose deadline moved: steps that lie ahead again are to be taken again."""
        latest = self.passed(deadline, now)
        return self.standing(deadline, min(reached, latest.fraction if latest else 0.0))

    def settled(self, deadline: Deadline, reached: float, resolved_at: datetime) -> Progress:
        """Return how the deadline was kept by a finding that is gone."""
        state = SlaState.MET if resolved_at <= deadline.due_at else SlaState.BREACHED
        return Progress(state, reached, None)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The time that all requirements which bind leave together: whatever of it is over first."""

    plain: timedelta | None = None
    business: int | None = None

    @classmethod
    def of(cls, *spans: timedelta | BusinessDays) -> "Allowance":
        """Return what these leave together."""
        return cls(
            min((span for span in spans if isinstance(span, timedelta)), default=None),
            min((span.days for span in spans if isinstance(span, BusinessDays)), default=None),
        )

    def due(self, start: datetime, calendar: WorkCalendar, paused: timedelta = _NO_TIME) -> datetime:
        """Return when it is over; business days end in the working time of ``calendar``, after a pause, too."""
        ends = [] if self.plain is None else [start + self.plain + paused]
        if self.business is not None:
            end = calendar.after(start, self.business)
            ends.append(calendar.working(end + paused) if paused else end)
        return min(ends)


def time_allowed(policy: Policy, risk_class: RiskClass, tier: str, kind: Kind) -> Allowance | None:
    """Return what all requirements that bind leave; None where none does."""
    rank = policy.tier_rank(tier)
    bound = [
        requirement.within
        for requirement in policy.sla.requirements
        if requirement.risk_class is risk_class
        and (requirement.from_tier is None or policy.tier_rank(requirement.from_tier) <= rank)
        and (requirement.kinds is None or kind in requirement.kinds)
    ]
    return Allowance.of(*bound) if bound else None


def backlog_span(policy: SlaPolicy, team: Team, calendar: WorkCalendar) -> tuple[datetime, datetime] | None:
    """Return when a team's backlog of onboarding was made, and when the last of it has to be gone; None without one."""
    if team.onboarded is None:
        return None
    start = calendar.begin_of(team.onboarded)
    spans = [
        policy.burn_down.get(risk_class, policy.baseline)
        for risk_class in RiskClass
        if risk_class not in team.burn_down
    ]
    ends = [calendar.begin_of(day + timedelta(days=1)) for day in team.burn_down.values()]
    ends += [Allowance.of(span).due(start, calendar) for span in spans]
    return start, max(ends)


@dataclass(frozen=True, slots=True)
class Clock:
    """When a finding was there; ``paused`` is for how long its clock stood still."""

    first_seen_at: datetime
    opened_at: datetime
    paused: timedelta = _NO_TIME


@dataclass(frozen=True, slots=True)
class Terms:
    """What one team owes for findings of one class, tier and kind: equal terms give equal deadlines.

    The clock starts when a finding was opened; where re-opened findings continue, when it was first seen. What was
    there already when the team was onboarded is its backlog, which it burns down by dates of its own: the team's for
    the class, else at least the policy's baseline, counted from the day of the onboarding.
    """

    allowed: Allowance | None
    calendar: WorkCalendar
    continues: bool
    onboarded: datetime | None = None
    baseline: Allowance | None = None
    burnt_down: datetime | None = None

    @classmethod
    def of(
        cls,
        policy: SlaPolicy,
        risk_class: RiskClass,
        allowed: Allowance | None,
        team: Team | None,
        calendar: WorkCalendar,
    ) -> "Terms":
        """Return what a policy and the catalogue's entry of a team come to."""
        continues = policy.reopen == "continue"
        if team is None or team.onboarded is None:
            return cls(allowed, calendar, continues)
        last_day = team.burn_down.get(risk_class)
        return cls(
            allowed,
            calendar,
            continues,
            onboarded=calendar.begin_of(team.onboarded),
            baseline=Allowance.of(policy.burn_down.get(risk_class, policy.baseline)),
            burnt_down=calendar.begin_of(last_day + timedelta(days=1)) if last_day else None,
        )

    def deadline(self, clock: Clock) -> Deadline | None:
        """Return the deadline of a finding, None where it has none."""
        started = min(clock.first_seen_at, clock.opened_at) if self.continues else clock.opened_at
        if self.onboarded is not None and started < self.onboarded:
            return self._of_backlog(self.onboarded, clock.paused)
        if self.allowed is None:
            return None
        return Deadline(started + clock.paused, self.allowed.due(started, self.calendar, clock.paused))

    def _of_backlog(self, onboarded: datetime, paused: timedelta) -> Deadline | None:
        if self.burnt_down is not None:
            return Deadline(onboarded + paused, self.burnt_down + paused)
        if self.allowed is None:
            return None
        allowances = [allowance for allowance in (self.allowed, self.baseline) if allowance is not None]
        return Deadline(onboarded + paused, max(a.due(onboarded, self.calendar, paused) for a in allowances))
