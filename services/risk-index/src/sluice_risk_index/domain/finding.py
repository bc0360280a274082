"""A finding as the risk index keeps it: one row, all that lists, timers and decisions need."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import Deadline, SlaState
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity


@dataclass(slots=True)
class Finding:
    """The fields are the columns of the table ``finding``, in its order.

    ``score`` is 0-100; ``facts`` and ``score_factors`` are JSON; ``terms`` are words with spaces between; ``clock``
    counts the SLA clocks (re-openings); ``timer_reached`` is the multiple of the time allowed at which the last SLA
    step was taken; ``facet`` is the number of the combination of what lists filter by.
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
    score: float
    score_factors: str
    risk_class: RiskClass
    class_reason: str
    team: str
    owner_reason: str
    tier: str
    sla_state: SlaState
    sla_started_at: datetime | None
    due_at: datetime | None
    timer_reached: float
    next_timer_at: datetime | None
    facet: int
    policy_version: str

    @property
    def deadline(self) -> Deadline | None:
        """The deadline, where the finding has one."""
        if self.sla_started_at is None or self.due_at is None:
            return None
        return Deadline(self.sla_started_at, self.due_at)


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Finding))
