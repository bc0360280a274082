"""What a finding's history records, read off its states so that their order of arrival does not matter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.observed import ObservedFinding
from sluice_risk_index.domain.triage import Decision


class HistoryEvent(StrEnum):
    """What happened."""

    OPENED = "opened"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    SEVERITY = "severity"
    OWNER = "owner"
    CLASS = "class"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a finding's history; ``was`` and ``now`` are set where a value changed."""

    at: datetime
    event: HistoryEvent
    was: str | None = None
    now: str | None = None


def lifecycle(state: ObservedFinding) -> Iterator[HistoryEntry]:
    """Yield what a state tells of the finding's openings and endings, whatever came before it."""
    if state.reopen_count > 0:
        yield HistoryEntry(state.opened_at, HistoryEvent.REOPENED)
    if state.resolved_at is not None:
        yield HistoryEntry(state.resolved_at, HistoryEvent.RESOLVED)


def decisions(before: Finding, after: Finding, at: datetime) -> Iterator[HistoryEntry]:
    """Yield what changed in the decisions about a finding at ``at``."""
    for event, was, now in (
        (HistoryEvent.SEVERITY, before.severity, after.severity),
        (HistoryEvent.OWNER, before.team, after.team),
        (HistoryEvent.CLASS, before.risk_class, after.risk_class),
        (HistoryEvent.DECISION, _treated(before), _treated(after)),
    ):
        if was != now:
            yield HistoryEntry(at, event, str(was), str(now))


def _treated(finding: Finding) -> str:
    excepted = finding.decision is Decision.EXCEPTED
    return f"{finding.decision.value}: {finding.exception_id}" if excepted else finding.decision.value
