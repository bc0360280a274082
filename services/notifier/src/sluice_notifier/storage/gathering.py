"""Queries that gather alerts into deliveries: find the groups, open them, put alerts in, take muted ones out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from sluice_notifier.domain.grouping import Group
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Tx

_LONGEST_INTERVAL = timedelta(days=8)

_LAST_SEALED = """
SELECT u.receiver, u.key, max(d.sealed_at) AS at
FROM unnest($1::text[], $2::text[]) AS u (receiver, key)
JOIN delivery d ON d.receiver = u.receiver AND d.group_key = u.key
WHERE d.sealed_at > $3 AND d.state IN ('due', 'sent', 'failed')
GROUP BY u.receiver, u.key
"""

# A delivery that is being sealed just now is waited for, and is no conflict any more when that is done.
_OPEN = """
INSERT INTO delivery (id, receiver, channel, kind, group_key, group_labels, state, attempts, created_at,
    next_attempt_at, idempotency_key)
SELECT id, receiver, channel, $8, key, labels, 'due', 0, $7, due_at, id::text
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]::jsonb[], $6::timestamptz[])
    AS u (id, receiver, channel, key, labels, due_at)
ORDER BY receiver, key
ON CONFLICT (receiver, group_key) WHERE state = 'due' AND sealed_at IS NULL
DO UPDATE SET next_attempt_at = least(delivery.next_attempt_at, excluded.next_attempt_at)
RETURNING id, receiver, group_key
"""

_PUT = """
INSERT INTO delivery_alert (alert_id, receiver, delivery_id)
SELECT alert_id, receiver, delivery_id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS u (alert_id, receiver, delivery_id)
ON CONFLICT (alert_id, receiver) DO NOTHING
"""

_TICKET_GROUPS = """
SELECT DISTINCT ON (d.receiver, a.finding_id) d.receiver, a.finding_id, d.group_key, d.group_labels
FROM alert a
JOIN delivery_alert da ON da.alert_id = a.id
JOIN delivery d ON d.id = da.delivery_id
WHERE a.finding_id = ANY($1::uuid[]) AND d.receiver = ANY($2::text[]) AND d.kind = 'alerts'
ORDER BY d.receiver, a.finding_id, d.id DESC
"""

_MUTE_WHOLE = """
UPDATE delivery SET state = 'silenced', muted_by = u.why, next_attempt_at = NULL, leased_until = NULL
FROM unnest($1::uuid[], $2::text[]) AS u (id, why)
WHERE delivery.id = u.id
"""

_MUTE_PART = """
INSERT INTO delivery (id, receiver, channel, kind, group_key, group_labels, state, attempts, created_at, sealed_at,
    idempotency_key, muted_by)
SELECT u.new_id, d.receiver, d.channel, d.kind, d.group_key, d.group_labels, 'silenced', 0, d.created_at, d.sealed_at,
    u.new_id::text, u.why
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u (id, new_id, why)
JOIN delivery d ON d.id = u.id
"""

_MOVE = """
UPDATE delivery_alert SET delivery_id = u.to_id
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (alert_id, from_id, to_id)
WHERE delivery_alert.alert_id = u.alert_id AND delivery_alert.delivery_id = u.from_id
"""


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A group at a receiver that wants an open delivery, due at ``due_at`` at the latest."""

    receiver: str
    channel: str
    group: Group
    due_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.receiver, self.group.key


@dataclass(frozen=True, slots=True)
class Muted:
    """An alert that is to leave its delivery, and why."""

    delivery_id: UUID
    alert_id: UUID
    why: str


async def last_sealed(tx: Tx, keys: Sequence[tuple[str, str]], now: datetime) -> dict[tuple[str, str], datetime]:
    """Return when the groups' last messages were sealed, by receiver and group key."""
    rows = await tx.fetch(_LAST_SEALED, [r for r, _ in keys], [k for _, k in keys], now - _LONGEST_INTERVAL)
    return {(row["receiver"], row["key"]): row["at"] for row in rows}


async def open_deliveries(
    tx: Tx, groups: Sequence[OpenGroup], now: datetime, *, kind: str = "alerts"
) -> dict[tuple[str, str], UUID]:
    """Return the open delivery of each group, a new one where there is none. Groups must differ."""
    rows = await tx.fetch(
        _OPEN,
        [new_id() for _ in groups],
        [g.receiver for g in groups],
        [g.channel for g in groups],
        [g.group.key for g in groups],
        [orjson.dumps(g.group.labels).decode() for g in groups],
        [g.due_at for g in groups],
        now,
        kind,
    )
    return {(row["receiver"], row["group_key"]): row["id"] for row in rows}


async def put(tx: Tx, links: Sequence[tuple[UUID, str, UUID]]) -> None:
    """Put alerts into deliveries: alert id, receiver, delivery id. An alert that the receiver has already stays put."""
    await tx.execute(_PUT, [a for a, _, _ in links], [r for _, r, _ in links], [d for _, _, d in links])


async def ticket_groups(tx: Tx, findings: Sequence[UUID], receivers: Sequence[str]) -> dict[tuple[str, UUID], Group]:
    """Return the groups in which findings already are at receivers that keep tickets."""
    rows = await tx.fetch(_TICKET_GROUPS, findings, receivers)
    return {
        (row["receiver"], row["finding_id"]): Group(row["group_key"], orjson.loads(row["group_labels"])) for row in rows
    }


async def mute(tx: Tx, muted: Sequence[Muted], sizes: Mapping[UUID, int]) -> set[UUID]:
    """Take the alerts out of their deliveries into silenced ones; return the deliveries that have none left.

    ``sizes`` has the number of alerts of each delivery.
    """
    by_delivery: dict[UUID, list[Muted]] = {}
    for one in muted:
        by_delivery.setdefault(one.delivery_id, []).append(one)
    whole = {delivery_id: ones for delivery_id, ones in by_delivery.items() if len(ones) == sizes[delivery_id]}
    part = {delivery_id: ones for delivery_id, ones in by_delivery.items() if delivery_id not in whole}
    await tx.execute(_MUTE_WHOLE, list(whole), [_why(ones) for ones in whole.values()])
    copies = {delivery_id: new_id() for delivery_id in part}
    await tx.execute(_MUTE_PART, list(part), list(copies.values()), [_why(ones) for ones in part.values()])
    moved = [one for ones in part.values() for one in ones]
    await tx.execute(
        _MOVE,
        [one.alert_id for one in moved],
        [one.delivery_id for one in moved],
        [copies[one.delivery_id] for one in moved],
    )
    return set(whole)


def _why(ones: Sequence[Muted]) -> str:
    return ", ".join(sorted({one.why for one in ones}))
