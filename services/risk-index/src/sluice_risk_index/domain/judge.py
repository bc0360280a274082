"""Bring a finding up to date with everything that is decided about it, the pauses of its clock included."""

from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from sluice_risk_index.domain.assess import Assessor, Course
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.intelligence import NOTHING_KNOWN, Intelligence
from sluice_risk_index.domain.ownership import Place
from sluice_risk_index.domain.policy import PausePolicy
from sluice_risk_index.domain.score import age_of
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import EXCUSED, Decision, effective
from sluice_shared.contracts.events import FindingStatus

_NO_TIME = timedelta(0)


def judge(
    after: Finding,
    before: Finding | None,
    facts: Facts,
    assessor: Assessor,
    now: datetime,
    *,
    silent: bool = False,
    intelligence: Intelligence = NOTHING_KNOWN,
) -> str:
    """Write into ``after`` what is decided about it, and return its score's factors as JSON.

    ``before`` is the finding as it was kept. For ``silent`` see :func:`set_clock`.
    """
    facts = intelligence.inform(facts, after.identifiers)
    after.known_exploited = intelligence.known_exploited(after.identifiers)
    rated = assessor.rate(facts, after.kind, age_of(after.first_seen_at, now))
    after.score = rated.score.value
    after.risk_class, after.class_reason = rated.classified.risk_class, rated.classified.reason
    owned = assessor.own(Place(after.kind, after.path, after.purl, after.package, after.refs))
    after.team, after.owner_reason, after.tier = owned.owner.team, owned.owner.reason, owned.tier
    if after.status is FindingStatus.OPEN:
        after.exception_id = assessor.excuse(after, now)
    set_clock(after, before, assessor, now, fix_available=facts.fix_available, silent=silent)
    return orjson.dumps([tuple(factor) for factor in rated.score.factors]).decode()


def set_clock(
    after: Finding, before: Finding | None, assessor: Assessor, now: datetime, *, fix_available: bool, silent: bool
) -> None:
    """Write into ``after``, whose class, owner and exception are decided, its deadline and how it stands to it.

    The clock of a finding that is excused, or waits for its vendor, stands still from ``now`` on; when it goes on, the
    deadline moves by the time for which the clock stood still. When ``silent``, SLA steps that a moved deadline puts
    into the past count as taken.
    """
    since, paused = _pause(after, before, assessor)
    course = Course(
        status=after.status,
        first_seen_at=after.first_seen_at,
        opened_at=after.opened_at,
        resolved_at=after.resolved_at,
        previous=before.deadline if before else None,
        reached=before.timer_reached if before else 0.0,
        paused=paused,
    )
    _time(after, course, assessor, now, silent=silent)
    after.decision = effective(after.decided, after.exception_id)
    after.paused_at, after.paused_for = None, paused
    if _stands_still(after, assessor.pause, fix_available=fix_available):
        after.paused_at = since or now
        after.sla_state, after.next_timer_at = SlaState.PAUSED, None
    elif since is not None:
        # A finding that is gone was paused until it went.
        stood_still = max((after.resolved_at or now) - since, _NO_TIME)
        after.paused_for = paused + stood_still
        previous = course.previous.later(stood_still) if course.previous else None
        resumed = replace(course, previous=previous, paused=after.paused_for)
        _time(after, resumed, assessor, now, silent=False)
        if silent and after.deadline != previous:
            _time(after, resumed, assessor, now, silent=True)


def _stands_still(after: Finding, pause: PausePolicy, *, fix_available: bool) -> bool:
    """Tell whether the clock stands still, by the decision about the finding or because there is nothing to fix with.

    Only a problem in somebody else's package waits for a vendor; and only until a scanner knows a fixed version.
    """
    if after.status is not FindingStatus.OPEN:
        return False
    if after.decision in EXCUSED:
        return pause.mitigated or after.decision is not Decision.MITIGATED
    in_package = after.package is not None or after.purl is not None
    return in_package and not fix_available and after.risk_class in pause.no_fix


def _pause(after: Finding, before: Finding | None, assessor: Assessor) -> tuple[datetime | None, timedelta]:
    """Return since when the clock stands still, and how long it had before; a clock that restarts forgets both."""
    if before is None or (before.clock != after.clock and assessor.clock_restarts):
        return None, _NO_TIME
    return before.paused_at, before.paused_for


def _time(after: Finding, course: Course, assessor: Assessor, now: datetime, *, silent: bool) -> None:
    deadline, progress = assessor.time(after.risk_class, after.tier, after.kind, after.team, course, now, silent=silent)
    after.sla_state = progress.state
    after.sla_started_at = deadline.started_at if deadline else None
    after.due_at = deadline.due_at if deadline else None
    after.timer_reached = progress.reached
    after.next_timer_at = progress.next_at
