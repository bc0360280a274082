"""Bring a finding up to date with everything that is decided about it, the pauses of its clock included."""

from dataclasses import replace
from datetime import datetime, timedelta

from sluice_risk_index.domain.assess import Assessment, Assessor, Course
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.intelligence import NOTHING_KNOWN, Intelligence
from sluice_risk_index.domain.ownership import Place
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import effective
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

    ``before`` is the finding as it was kept. An excused finding's clock stands still from ``now`` on; when it is no
    longer excused, its deadline moves by the time for which the clock stood still.
    """
    facts = intelligence.inform(facts, after.identifiers)
    after.known_exploited = intelligence.known_exploited(after.identifiers)
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
    place = Place(after.kind, after.path, after.purl, after.package, after.refs)
    assessment = assessor.assess(facts, place, course, now, silent=silent)
    _write(assessment, after)
    if after.status is FindingStatus.OPEN:
        after.exception_id = assessor.excuse(after, now)
    after.decision = effective(after.decided, after.exception_id)
    after.paused_at, after.paused_for = None, paused
    if after.excused:
        after.paused_at = since or now
        after.sla_state, after.next_timer_at = SlaState.PAUSED, None
    elif since is not None:
        # A finding that is gone was paused until it went.
        stood_still = max((after.resolved_at or now) - since, _NO_TIME)
        after.paused_for = paused + stood_still
        previous = course.previous.later(stood_still) if course.previous else None
        _write(assessor.assess(facts, place, replace(course, previous=previous, paused=after.paused_for), now), after)
    return assessment.score_factors


def _pause(after: Finding, before: Finding | None, assessor: Assessor) -> tuple[datetime | None, timedelta]:
    """Return since when the clock stands still, and how long it had before; a clock that restarts forgets both."""
    if before is None or (before.clock != after.clock and assessor.clock_restarts):
        return None, _NO_TIME
    return before.paused_at, before.paused_for


def _write(assessment: Assessment, after: Finding) -> None:
    deadline, progress = assessment.deadline, assessment.progress
    after.score = assessment.score
    after.risk_class = assessment.risk_class
    after.class_reason = assessment.class_reason
    after.team = assessment.team
    after.owner_reason = assessment.owner_reason
    after.tier = assessment.tier
    after.sla_state = progress.state
    after.sla_started_at = deadline.started_at if deadline else None
    after.due_at = deadline.due_at if deadline else None
    after.timer_reached = progress.reached
    after.next_timer_at = progress.next_at
