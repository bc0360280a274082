"""Queries over the delivery log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from sluice_notifier.domain.delivery import Delivery, DeliveryState
from sluice_notifier.domain.message import MessageKind
from sluice_shared.db import Record, Tx

_MOST_IDS = 500

# What cannot be seen in the filter's own terms is looked for among the alerts.
_SELECT = """
SELECT d.id, d.receiver, d.channel, d.kind, d.state, d.group_labels, d.attempts, d.created_at, d.sealed_at, d.sent_at,
    d.next_attempt_at, d.last_reason, d.last_error, d.idempotency_key, d.ticket_ref, d.ticket_status, d.muted_by,
    d.superseded_by, content.alerts, content.teams, content.levels, content.alert_ids{payload}
FROM delivery d
CROSS JOIN LATERAL (
    SELECT count(*) AS alerts, coalesce(array_agg(DISTINCT a.team ORDER BY a.team), '{{}}') AS teams,
        coalesce(array_agg(DISTINCT a.level ORDER BY a.level), '{{}}') AS levels,
        coalesce((array_agg(a.id ORDER BY a.score DESC, a.id))[:{most_ids}], '{{}}') AS alert_ids
    FROM delivery_alert da JOIN alert a ON a.id = da.alert_id WHERE da.delivery_id = d.id) AS content
WHERE {where}
"""
_RETRY = """
UPDATE delivery SET state = 'due', next_attempt_at = $2, give_up_at = $3, leased_until = NULL
WHERE id = $1 AND state = 'failed'
RETURNING id
"""
_LAST = """
SELECT r.receiver, d.id, d.state, d.last_reason, d.last_error, d.sent_at, coalesce(due.due, 0) AS due
FROM unnest($1::text[]) AS r (receiver)
LEFT JOIN LATERAL (
    SELECT id, state, last_reason, last_error, sent_at FROM delivery
    WHERE receiver = r.receiver AND (state IN ('sent', 'failed') OR (state = 'due' AND last_reason IS NOT NULL))
    ORDER BY id DESC LIMIT 1) AS d ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS due FROM delivery WHERE receiver = r.receiver AND state = 'due') AS due ON true
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the log is wanted.

    ``assets`` are regular expressions: a delivery has to be about such assets, and about no other.
    """

    receiver: str | None = None
    state: DeliveryState | None = None
    team: str | None = None
    level: str | None = None
    alert_id: UUID | None = None
    finding_id: UUID | None = None
    assets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """How a receiver's last delivery went, as far as one was tried, and how many are due."""

    receiver: str
    delivery_id: UUID | None
    state: DeliveryState | None
    reason: str | None
    error: str | None
    sent_at: datetime | None
    due: int


async def page(tx: Tx, wanted: Filter, *, before: UUID | None, limit: int) -> list[Delivery]:
    """Return deliveries, newest first."""
    conditions, values = _conditions(wanted)
    if before is not None:
        values.append(before)
        conditions.append(f"d.id < ${len(values)}")
    values.append(limit)
    where = " AND ".join(conditions) or "true"
    rows = await tx.fetch(_select(where) + f"ORDER BY d.id DESC LIMIT ${len(values)}", *values)
    return [_delivery(row) for row in rows]


async def find(tx: Tx, delivery_id: UUID, assets: tuple[str, ...] = ()) -> Delivery | None:
    """Return a delivery with what it sends."""
    conditions, values = _conditions(Filter(assets=assets))
    values.append(delivery_id)
    where = " AND ".join([*conditions, f"d.id = ${len(values)}"])
    row = await tx.fetchrow(_select(where, payload=True), *values)
    return None if row is None else _delivery(row)


async def retry(tx: Tx, delivery_id: UUID, now: datetime, *, give_up_at: datetime) -> bool:
    """Make a failed delivery due again; False when it is not failed."""
    return await tx.fetchval(_RETRY, delivery_id, now, give_up_at) is not None


async def last_outcomes(tx: Tx, receivers: Sequence[str]) -> list[LastOutcome]:
    """Return how each receiver does."""
    return [
        LastOutcome(
            receiver=row["receiver"],
            delivery_id=row["id"],
            state=DeliveryState(row["state"]) if row["state"] else None,
            reason=row["last_reason"],
            error=row["last_error"],
            sent_at=row["sent_at"],
            due=row["due"],
        )
        for row in await tx.fetch(_LAST, receivers)
    ]


def _select(where: str, *, payload: bool = False) -> str:
    return _SELECT.format(where=where, most_ids=_MOST_IDS, payload=", d.payload" if payload else "")


def _conditions(wanted: Filter) -> tuple[list[str], list[Any]]:
    """Return SQL conditions and their values; only fixed texts and placeholders go into the conditions."""
    conditions: list[str] = []
    values: list[Any] = []
    for sql, value in (
        ("d.receiver = ${}", wanted.receiver),
        ("d.state = ${}", wanted.state.value if wanted.state else None),
        (_with_alert("a.team = ${}"), wanted.team),
        (_with_alert("a.level = ${}"), wanted.level),
        (_with_alert("a.id = ${}"), wanted.alert_id),
        (_with_alert("a.finding_id = ${}"), wanted.finding_id),
        (_with_alert("a.asset ~ ANY(${}::text[])"), list(wanted.assets) or None),
        (f"NOT {_with_alert('a.asset !~ ALL(${}::text[])')}", list(wanted.assets) or None),
    ):
        if value is not None:
            values.append(value)
            conditions.append(sql.format(len(values)))
    return conditions, values


def _with_alert(condition: str) -> str:
    return (
        "EXISTS (SELECT FROM delivery_alert x JOIN alert a ON a.id = x.alert_id"
        f" WHERE x.delivery_id = d.id AND {condition})"
    )


def _delivery(row: Record) -> Delivery:
    payload = row.get("payload")
    return Delivery(
        id=row["id"],
        receiver=row["receiver"],
        channel=row["channel"],
        kind=MessageKind(row["kind"]),
        state=DeliveryState(row["state"]),
        group_labels=orjson.loads(row["group_labels"]),
        alerts=row["alerts"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        sealed_at=row["sealed_at"],
        sent_at=row["sent_at"],
        next_attempt_at=row["next_attempt_at"],
        last_reason=row["last_reason"],
        last_error=row["last_error"],
        idempotency_key=row["idempotency_key"],
        ticket_ref=row["ticket_ref"],
        ticket_status=row["ticket_status"],
        muted_by=row["muted_by"],
        superseded_by=row["superseded_by"],
        teams=row["teams"],
        levels=row["levels"],
        alert_ids=row["alert_ids"],
        payload=orjson.loads(payload) if payload else None,
    )
