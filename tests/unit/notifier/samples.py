"""Alerts and messages for the notifier's tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sluice_notifier.domain.message import Message, MessageKind, Ticket, compose
from sluice_shared.contracts.events import AlertFinding, AlertLevel, AlertRaised, Contact
from sluice_shared.contracts.finding import Kind, Severity

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
CONTACT = Contact(email="payments@acme.io", slack="#payments", jira_project="PAY")


def alert(
    level="breached",
    team="payments",
    *,
    id: UUID | None = None,  # noqa: A002
    finding_id: UUID | None = None,
    title="SQL injection",
    asset="repo:github.com/acme/shop",
    severity="high",
    risk_class="act",
    score=80.0,
    kind="sast",
    scanners=("semgrep",),
    fix_action: str | None = "bind the parameter",
    labels=None,
    contact=CONTACT,
    raised_at=NOW,
    clock=0,
    due_at: datetime | None = NOW + timedelta(days=3, hours=4),
    url: str | None = "https://sluice.acme.io/v1/findings/1",
    **finding,
):
    return AlertRaised(
        alert_id=id or uuid4(),
        level=AlertLevel(level),
        clock=clock,
        raised_at=raised_at,
        team=team,
        tier="standard",
        contact=contact,
        finding=AlertFinding(
            finding_id=finding_id or uuid4(),
            asset=asset,
            title=title,
            kind=Kind(kind),
            severity=Severity(severity),
            risk_class=risk_class,
            score=score,
            scanners=list(scanners),
            first_seen_at=NOW - timedelta(days=10),
            due_at=due_at,
            fix_action=fix_action,
            url=url,
            **({"location": "src/db.py:12", "rule_id": "sql-injection", "identifiers": ["CWE-89"]} | finding),
        ),
        labels=labels or {},
    )


def message(*alerts, receiver="r", kind=MessageKind.ALERTS, ticket: Ticket | None = None, total: int | None = None):
    """Compose a message; with ``total`` it stands for more alerts than are in it."""
    alerts = alerts or (alert(),)
    levels: dict[AlertLevel, int] = {}
    for one in alerts:
        levels[one.level] = levels.get(one.level, 0) + 1
    if total is not None:
        levels[alerts[0].level] += total - len(alerts)
    message_id = uuid4()
    composed: Message = compose(
        alerts,
        id=message_id,
        idempotency_key=str(message_id),
        receiver=receiver,
        kind=kind,
        levels=levels,
        group={"team": alerts[0].team},
        now=NOW,
        ticket=ticket,
    )
    return composed
