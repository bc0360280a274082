"""What a finding becomes when the normaliser says something new about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_risk_index.domain.assess import Assessor
from sluice_risk_index.domain.describe import Description, describe
from sluice_risk_index.domain.facts import Facts, gather_facts
from sluice_risk_index.domain.finding import Finding, twin
from sluice_risk_index.domain.history import HistoryEntry, HistoryEvent, decisions, lifecycle
from sluice_risk_index.domain.intelligence import NOTHING_KNOWN, Intelligence
from sluice_risk_index.domain.judge import judge
from sluice_risk_index.domain.observed import ObservedFinding, read_observations
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.triage import Decision, Ruling
from sluice_shared.contracts.events import AlertLevel, FindingStatus
from sluice_shared.contracts.finding import Kind

_UNDESCRIBED = Description(
    kind=Kind.OTHER,
    title="",
    rule_id="",
    scanners=[],
    identifiers=[],
    cwes=[],
    package=None,
    purl=None,
    path=None,
    location=None,
    fix_action=None,
    terms="",
    published_at=None,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A finding's state with what its observations say; both are None where it came without observations."""

    state: ObservedFinding
    description: Description | None
    facts: Facts | None


def read(state: ObservedFinding) -> Reading:
    """Read a state; raises :class:`~sluice_risk_index.domain.observed.UnreadableObservationError`."""
    if not state.observations:
        return Reading(state, None, None)
    observations = read_observations(state)
    return Reading(state, describe(observations), gather_facts(state.severity, observations))


def absorb(
    reading: Reading,
    before: Finding | None,
    asset_id: UUID,
    assessor: Assessor,
    now: datetime,
    intelligence: Intelligence = NOTHING_KNOWN,
) -> Finding:
    """Return the finding after this state, to which ``before`` led; its facet has yet to be numbered.

    A state without observations leaves the description as it was.
    """
    state = reading.state
    text = reading.description or _description(before)
    facts = reading.facts or (Facts.from_json(before.facts, state.severity) if before else Facts(state.severity))
    after = Finding(
        asset_id=asset_id,
        id=state.finding_id,
        version=state.version,
        status=state.status,
        severity=state.severity,
        severity_rank=state.severity.rank,
        kind=text.kind,
        title=text.title,
        rule_id=text.rule_id,
        scanners=text.scanners,
        identifiers=text.identifiers,
        cwes=text.cwes,
        refs=state.refs,
        package=text.package,
        purl=text.purl,
        path=text.path,
        location=text.location,
        fix_action=text.fix_action,
        terms=text.terms,
        facts=facts.to_json(),
        published_at=text.published_at,
        first_seen_at=state.first_seen_at,
        opened_at=state.opened_at,
        resolved_at=state.resolved_at,
        clock=state.reopen_count,
        policy_version=assessor.version,
    )
    if before is not None:
        # What people decided is none of a scanner's business.
        after.decided, after.decided_until = before.decided, before.decided_until
        after.exception_id = before.exception_id
    after.score_factors = judge(after, before, facts, assessor, now, intelligence=intelligence)
    return after


def reassess(
    before: Finding,
    assessor: Assessor,
    now: datetime,
    *,
    ruling: Ruling | None = None,
    intelligence: Intelligence = NOTHING_KNOWN,
) -> Finding:
    """Return the finding as the rules decide about it by now, with a person's new ``ruling`` if there is one.

    SLA steps that changed rules put into the past are taken in silence, so that a new policy raises no flood; a step
    whose time had come before is left to the sweep, which tells of it.
    """
    after = twin(before)
    if ruling is not None:
        after.decided, after.decided_until = ruling.state, ruling.until
    pending = before.next_timer_at is not None and before.next_timer_at <= now
    facts = Facts.from_json(before.facts, before.severity)
    factors = judge(after, before, facts, assessor, now, silent=not pending, intelligence=intelligence)
    if after == before:
        return before
    after.score_factors = factors
    after.policy_version = assessor.version
    return after


def history_of(reading: Reading, before: Finding | None, after: Finding, now: datetime) -> Iterator[HistoryEntry]:
    """Yield what the history has to record of it."""
    if before is None:
        yield HistoryEntry(after.first_seen_at, HistoryEvent.OPENED)
        yield from lifecycle(reading.state)
        return
    if (before.status, before.clock) != (after.status, after.clock):
        yield from lifecycle(reading.state)
    yield from decisions(before, after, now)


def alert_level(
    before: Finding | None,
    after: Finding,
    alerting: frozenset[RiskClass],
    intelligence: Intelligence = NOTHING_KNOWN,
) -> AlertLevel | None:
    """Return the level of the alert that this change is worth by itself; deadlines are another matter.

    ``alerting`` are the classes whose openings are alerted; a finding that rises into one of them counts as opened.
    For ``RESOLVED`` it is left to the caller whether anybody has been alerted before.
    """
    if after.status is FindingStatus.RESOLVED:
        return AlertLevel.RESOLVED if before is not None else None
    if before is not None and became_exploited(before, after, intelligence):
        return AlertLevel.EXPLOITED
    if before is not None and (level := turn(before, after)) is not None:
        return level
    return None if after.excused or after.risk_class not in alerting else _opening(before, after, alerting)


def _opening(before: Finding | None, after: Finding, alerting: frozenset[RiskClass]) -> AlertLevel | None:
    if before is None or before.clock != after.clock or before.status is not FindingStatus.OPEN:
        return AlertLevel.REOPENED if after.clock else AlertLevel.OPENED
    return AlertLevel.OPENED if before.risk_class not in alerting else None


def turn(before: Finding, after: Finding) -> AlertLevel | None:
    """Return the level to tell of when an open finding is excused from now on, or no longer.

    An excused finding waits for nobody, so whoever was told that it is there is told that it is dealt with; like the
    end of a finding, ``RESOLVED`` is only for who was told before.
    """
    if after.status is not FindingStatus.OPEN:
        return None
    if after.excused:
        ruled = (before.decided, before.decided_until) != (after.decided, after.decided_until)
        return AlertLevel.RESOLVED if ruled or not before.excused else None
    return AlertLevel.REOPENED if before.excused else None


def became_exploited(before: Finding, after: Finding, intelligence: Intelligence) -> bool:
    """Tell whether an open finding entered KEV, which its owner has to know, whatever was decided about its risk.

    What KEV had when it was first read is no news, and what is false is not exploited.
    """
    entered = after.known_exploited and not before.known_exploited and intelligence.is_news(after.identifiers)
    there = before.status is after.status is FindingStatus.OPEN
    return entered and there and after.decision is not Decision.FALSE_POSITIVE


def _description(before: Finding | None) -> Description:
    if before is None:
        return _UNDESCRIBED
    return Description(
        kind=before.kind,
        title=before.title,
        rule_id=before.rule_id,
        scanners=before.scanners,
        identifiers=before.identifiers,
        cwes=before.cwes,
        package=before.package,
        purl=before.purl,
        path=before.path,
        location=before.location,
        fix_action=before.fix_action,
        terms=before.terms,
        published_at=before.published_at,
    )
