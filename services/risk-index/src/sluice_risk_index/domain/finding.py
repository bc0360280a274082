"""A finding as the risk index keeps it: one row, all that lists, timers and decisions need."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import Deadline, SlaState
from sluice_risk_index.domain.triage import EXCUSED, Decision
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity


@dataclass(slots=True)
class Finding:
    """The fields are the columns of the table ``finding``, in its order.

    ``score`` is 0-100; ``facts`` and ``score_factors`` are JSON; ``terms`` are words with spaces between; ``clock``
    counts the SLA clocks (re-openings); ``timer_reached`` is the multiple of the time allowed at which the last SLA
    step was taken; ``facet`` is the number of the combination of what lists filter by.

    ``decided`` is what a person decided last, ``exception_id`` the exception that covers it, and ``decision`` what
    follows from both. ``paused_at`` is since when its clock stands still, ``paused_for`` how long it did before that.
    ``known_exploited`` is whether KEV has one of its CVEs.
    """

    asset_id: UUID
    id: UUID
    version: int
    status: FindingStatus
    severity: Severity
    severity_rank: int
    kind: Kind
    title: str
    rule_id: str
    scanners: list[str]
    identifiers: list[str]
    cwes: list[int]
    refs: list[str]
    package: str | None
    purl: str | None
    path: str | None
    location: str | None
    fix_action: str | None
    terms: str
    facts: str
    published_at: datetime | None
    first_seen_at: datetime
    opened_at: datetime
    resolved_at: datetime | None
    clock: int
    score: float = 0.0
    score_factors: str = "[]"
    risk_class: RiskClass = RiskClass.TRACK
    class_reason: str = ""
    team: str = ""
    owner_reason: str = ""
    tier: str = ""
    sla_state: SlaState = SlaState.NONE
    sla_started_at: datetime | None = None
    due_at: datetime | None = None
    timer_reached: float = 0.0
    next_timer_at: datetime | None = None
    facet: int = 0
    policy_version: str = ""
    decision: Decision = Decision.OPEN
    decided: Decision = Decision.OPEN
    decided_until: datetime | None = None
    exception_id: str | None = None
    paused_at: datetime | None = None
    paused_for: timedelta = timedelta(0)
    known_exploited: bool = False

    @property
    def excused(self) -> bool:
        """Whether it is open, but a decision lets it be."""
        return self.decision in EXCUSED and self.status is FindingStatus.OPEN

    @property
    def deadline(self) -> Deadline | None:
        """The deadline, where the finding has one."""
        if self.sla_started_at is None or self.due_at is None:
            return None
        return Deadline(self.sla_started_at, self.due_at)


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Finding))
as_tuple = attrgetter(*COLUMNS)
"""Returns the fields of a finding in their order."""


def twin(finding: Finding) -> Finding:
    """Return another finding that is equal; several times faster than :func:`dataclasses.replace`."""
    return Finding(*as_tuple(finding))
