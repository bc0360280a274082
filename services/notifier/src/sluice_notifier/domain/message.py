"""The message: what every channel is given to say, whatever it then makes of it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sluice_shared.contracts.base import UtcTime
from sluice_shared.contracts.events import AlertLevel, AlertRaised, Contact
from sluice_shared.contracts.finding import Kind, Severity

MOST_ITEMS = 500
_MOST_NAMES = 10
_PRESSING = (
    AlertLevel.ESCALATED,
    AlertLevel.BREACHED,
    AlertLevel.EXPLOITED,
    AlertLevel.WARNED,
    AlertLevel.REOPENED,
    AlertLevel.OPENED,
    AlertLevel.REVIEW,
    AlertLevel.RESOLVED,
)


class MessageKind(StrEnum):
    """``alerts`` of one group, a ``digest`` of what exceeded a receiver's cap, or a ``test``."""

    ALERTS = "alerts"
    DIGEST = "digest"
    TEST = "test"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Item(_Part):
    """One alert in a message."""

    alert_id: UUID
    finding_id: UUID
    level: AlertLevel
    step: int = Field(default=0, description="Which warning or escalation of its level, from 0")
    team: str
    tier: str
    title: str
    kind: Kind
    severity: Severity
    risk_class: str = Field(description="track, track_star, attend, act")
    score: float = Field(description="0-100")
    asset: str
    location: str | None = None
    package: str | None = None
    rule_id: str | None = None
    identifiers: list[str] = Field(default_factory=list)
    scanners: list[str] = Field(default_factory=list)
    fix_action: str | None = None
    refs: list[str] = Field(default_factory=list)
    first_seen_at: UtcTime
    due_at: UtcTime | None = None
    url: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)


class Ticket(_Part):
    """The ticket that the message is about, at a receiver that keeps tickets."""

    key: str = Field(description="Names the asset and fix; the same for ever")
    ref: str | None = Field(default=None, description="What the tracker calls it, once it is known")
    findings: int = 0
    findings_open: int = 0


class Message(_Part):
    """What goes out in one delivery. ``items`` are the most severe of its ``total`` alerts, at most 500."""

    id: UUID
    idempotency_key: str
    kind: MessageKind = MessageKind.ALERTS
    receiver: str
    level: AlertLevel = Field(description="Of all alerts; of several levels the most pressing one")
    levels: dict[AlertLevel, int] = Field(description="How many alerts of each level")
    teams: list[str]
    group: dict[str, str] = Field(default_factory=dict, description="The labels that its alerts share")
    total: int
    items: list[Item]
    contacts: list[Contact] = Field(default_factory=list)
    composed_at: UtcTime
    ticket: Ticket | None = None

    @property
    def team(self) -> str | None:
        """The team of all alerts, or None when there are several."""
        return self.teams[0] if len(self.teams) == 1 else None

    @property
    def alert_url(self) -> str | None:
        """A link to what matters most."""
        return next((item.url for item in self.items if item.url), None)

    def top(self, limit: int) -> tuple[list[Item], int]:
        """Return the first items, at most ``limit``, and how many alerts are left out."""
        shown = self.items[:limit]
        return shown, self.total - len(shown)


def item_of(alert: AlertRaised) -> Item:
    """Return the alert as an item."""
    finding = alert.finding
    return Item(
        alert_id=alert.alert_id,
        finding_id=finding.finding_id,
        level=alert.level,
        step=alert.step,
        team=alert.team,
        tier=alert.tier,
        title=finding.title,
        kind=finding.kind,
        severity=finding.severity,
        risk_class=finding.risk_class,
        score=finding.score,
        asset=finding.asset,
        location=finding.location,
        package=finding.package,
        rule_id=finding.rule_id,
        identifiers=finding.identifiers[:_MOST_NAMES],
        scanners=finding.scanners,
        fix_action=finding.fix_action,
        refs=finding.refs[:_MOST_NAMES],
        first_seen_at=finding.first_seen_at,
        due_at=finding.due_at,
        url=finding.url,
        labels=alert.labels,
    )


def compose(
    alerts: Sequence[AlertRaised],
    *,
    id: UUID,  # noqa: A002 - a message's id is called so
    idempotency_key: str,
    receiver: str,
    kind: MessageKind,
    levels: dict[AlertLevel, int],
    group: dict[str, str],
    now: datetime,
    ticket: Ticket | None = None,
) -> Message:
    """Compose the message of a delivery. ``alerts`` are at least one and at most 500; ``levels`` counts all of them."""
    ranked = sorted(alerts, key=lambda a: (_PRESSING.index(a.level), -a.finding.score, str(a.alert_id)))
    contacts: dict[str, Contact] = {}
    for alert in ranked:
        contacts.setdefault(alert.contact.model_dump_json(), alert.contact)
    return Message(
        id=id,
        idempotency_key=idempotency_key,
        kind=kind,
        receiver=receiver,
        level=most_pressing(levels),
        levels=levels,
        teams=sorted({alert.team for alert in alerts}),
        group=group,
        total=sum(levels.values()),
        items=[item_of(alert) for alert in ranked],
        contacts=list(contacts.values()),
        composed_at=now,
        ticket=ticket,
    )


def most_pressing(levels: dict[AlertLevel, int]) -> AlertLevel:
    """Return the level that wants the most attention."""
    return min(levels, key=_PRESSING.index)
