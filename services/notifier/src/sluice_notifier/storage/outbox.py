"""Queries over what is due: claim it under a lease, and settle how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from sluice_notifier.domain.delivery import Claimed
from sluice_notifier.domain.message import Message, MessageKind
from sluice_notifier.domain.outcome import Reason
from sluice_shared.db import Tx

HOUR = timedelta(hours=1)
_BATCH = 500

_DUE_RECEIVERS = """
SELECT receiver, bool_or(sealed_at IS NULL) AS fresh FROM delivery
WHERE state = 'due' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
GROUP BY receiver
"""

_GIVE_UP = """
UPDATE delivery SET state = 'failed', last_reason = $4, next_attempt_at = NULL, leased_until = NULL,
    last_error = coalesce(last_error, $5)
WHERE id IN (
    SELECT id FROM delivery
    WHERE state = 'due' AND (leased_until IS NULL OR leased_until <= $1)
        AND (give_up_at < $1 OR (receiver <> ALL($2::text[]) AND created_at < $3))
    LIMIT $6 FOR UPDATE SKIP LOCKED)
RETURNING receiver
"""

_AGAIN = """
UPDATE delivery SET leased_until = $4, attempts = attempts + 1
FROM unnest($1::text[], $2::integer[]) AS r (receiver, room)
CROSS JOIN LATERAL (
    SELECT d.id FROM delivery d
    WHERE d.receiver = r.receiver AND d.state = 'due' AND d.sealed_at IS NOT NULL AND d.next_attempt_at <= $3
        AND (d.leased_until IS NULL OR d.leased_until <= $3)
        AND NOT EXISTS (
            SELECT FROM delivery e
            WHERE e.receiver = d.receiver AND e.group_key = d.group_key AND e.state = 'due' AND e.leased_until > $3)
    ORDER BY d.next_attempt_at LIMIT r.room FOR UPDATE SKIP LOCKED) AS picked
WHERE delivery.id = picked.id
RETURNING delivery.id, delivery.receiver, delivery.payload, delivery.attempts, delivery.give_up_at, delivery.group_key
"""

# A group's next message waits for the one before, so that a ticket is there before it is commented, and what was
# breached is not told after it was resolved.
_FRESH = """
UPDATE delivery SET leased_until = $4, attempts = attempts + 1, sealed_at = $3, give_up_at = $5
FROM unnest($1::text[], $2::integer[]) AS r (receiver, room)
CROSS JOIN LATERAL (
    SELECT d.id FROM delivery d
    WHERE d.receiver = r.receiver AND d.state = 'due' AND d.sealed_at IS NULL AND d.next_attempt_at <= $3
        AND NOT EXISTS (
            SELECT FROM delivery e
            WHERE e.receiver = d.receiver AND e.group_key = d.group_key AND e.state = 'due'
                AND e.sealed_at IS NOT NULL)
    ORDER BY d.next_attempt_at LIMIT r.room FOR UPDATE SKIP LOCKED) AS picked
WHERE delivery.id = picked.id
RETURNING delivery.id, delivery.receiver, delivery.channel, delivery.kind, delivery.group_key, delivery.group_labels,
    delivery.idempotency_key
"""

_SEAL = """
UPDATE delivery SET payload = u.payload FROM unnest($1::uuid[], $2::text[]::jsonb[]) AS u (id, payload)
WHERE delivery.id = u.id
"""

_SENT_LATELY = """
SELECT count(*) AS sealed, min(sealed_at) AS oldest FROM delivery
WHERE receiver = $1 AND sealed_at > $2 AND state IN ('due', 'sent', 'failed')
"""

_OVERFLOW = """
SELECT id FROM delivery
WHERE receiver = $1 AND state = 'due' AND sealed_at IS NULL AND kind = 'alerts' AND next_attempt_at <= $2
ORDER BY next_attempt_at, id OFFSET $3 LIMIT $4 FOR UPDATE SKIP LOCKED
"""

_FOLD_ALERTS = "UPDATE delivery_alert SET delivery_id = $2 WHERE delivery_id = ANY($1::uuid[])"

_FOLD = """
UPDATE delivery SET state = 'superseded', superseded_by = $2, next_attempt_at = NULL WHERE id = ANY($1::uuid[])
"""

_SENT = """
UPDATE delivery SET state = 'sent', sent_at = $2, next_attempt_at = NULL, leased_until = NULL, last_reason = NULL,
    last_error = $3, ticket_ref = $4, ticket_status = $5
WHERE id = $1 AND state = 'due'
"""

# Only by the attempt that is still the latest: after its lease another may be at work.
_RETRY_LATER = """
UPDATE delivery SET next_attempt_at = $3, leased_until = NULL, last_reason = $4, last_error = $5
WHERE id = $1 AND attempts = $2 AND state = 'due'
"""

_FAILED = """
UPDATE delivery SET state = 'failed', next_attempt_at = NULL, leased_until = NULL, last_reason = $3, last_error = $4
WHERE id = $1 AND attempts = $2 AND state = 'due'
"""

_DUE_COUNTS = "SELECT receiver, count(*) AS due FROM delivery WHERE state = 'due' GROUP BY receiver"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A delivery that was just claimed for the first time; its message has still to be composed."""

    id: UUID
    receiver: str
    channel: str
    kind: MessageKind
    group_key: str
    group_labels: dict[str, str]
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class SentLately:
    """How many messages a receiver had within the last hour, and when the oldest of them was sealed."""

    count: int
    oldest: datetime | None


async def due_receivers(tx: Tx, now: datetime) -> dict[str, bool]:
    """Return the receivers with something to send now; the flag tells whether something of it is sent first now."""
    return {row["receiver"]: row["fresh"] for row in await tx.fetch(_DUE_RECEIVERS, now)}


async def give_up(tx: Tx, now: datetime, *, known: Sequence[str], orphaned_before: datetime) -> list[str]:
    """Fail what is too old, and what goes to a receiver that is gone; return the receivers, one for each delivery."""
    detail = "its time was over before an attempt ended, or its receiver is no longer in routes.yaml"
    rows = await tx.fetch(_GIVE_UP, now, known, orphaned_before, Reason.GAVE_UP.value, detail, _BATCH)
    return [row["receiver"] for row in rows]


async def claim_again(tx: Tx, room: Mapping[str, int], now: datetime, leased_until: datetime) -> list[Claimed]:
    """Claim deliveries that were tried before, up to so many of each receiver."""
    rows = await tx.fetch(_AGAIN, list(room), list(room.values()), now, leased_until)
    return [
        Claimed(
            message=Message.model_validate_json(row["payload"]),
            attempt=row["attempts"],
            give_up_at=row["give_up_at"],
            group_key=row["group_key"],
        )
        for row in rows
    ]


async def claim_fresh(
    tx: Tx, room: Mapping[str, int], now: datetime, *, leased_until: datetime, give_up_at: datetime
) -> list[Fresh]:
    """Claim and seal deliveries that were not tried before; from here on they gather no more alerts."""
    rows = await tx.fetch(_FRESH, list(room), list(room.values()), now, leased_until, give_up_at)
    return [
        Fresh(
            id=row["id"],
            receiver=row["receiver"],
            channel=row["channel"],
            kind=MessageKind(row["kind"]),
            group_key=row["group_key"],
            group_labels=orjson.loads(row["group_labels"]),
            idempotency_key=row["idempotency_key"],
        )
        for row in rows
    ]


async def seal(tx: Tx, messages: Sequence[Message]) -> None:
    """Keep what is going to be sent, so that every attempt sends the same."""
    await tx.execute(_SEAL, [m.id for m in messages], [m.model_dump_json() for m in messages])


async def sent_lately(tx: Tx, receiver: str, now: datetime) -> SentLately:
    """Count the receiver's messages of the last hour."""
    row = await tx.fetchrow(_SENT_LATELY, receiver, now - HOUR)
    return SentLately(row["sealed"], row["oldest"]) if row else SentLately(0, None)


async def overflow(tx: Tx, receiver: str, now: datetime, *, room: int) -> list[UUID]:
    """Return, locked, the deliveries due now for which the receiver has no room."""
    return [row["id"] for row in await tx.fetch(_OVERFLOW, receiver, now, room, _BATCH)]


async def fold(tx: Tx, delivery_ids: Sequence[UUID], digest_id: UUID) -> None:
    """Move the alerts of these deliveries into the digest."""
    await tx.execute(_FOLD_ALERTS, delivery_ids, digest_id)
    await tx.execute(_FOLD, delivery_ids, digest_id)


async def settle_sent(
    tx: Tx, delivery_id: UUID, now: datetime, *, note: str | None, ticket_ref: str | None, ticket_status: str | None
) -> None:
    """Record that the provider took it, whichever attempt that was."""
    await tx.execute(_SENT, delivery_id, now, note, ticket_ref, ticket_status)


async def settle_retry(tx: Tx, delivery_id: UUID, attempt: int, at: datetime, *, reason: Reason, detail: str) -> None:
    """Record that it is to be tried again."""
    await tx.execute(_RETRY_LATER, delivery_id, attempt, at, reason.value, detail)


async def settle_failed(tx: Tx, delivery_id: UUID, attempt: int, *, reason: Reason, detail: str) -> None:
    """Record that it will not be tried again."""
    await tx.execute(_FAILED, delivery_id, attempt, reason.value, detail)


async def due_counts(tx: Tx) -> dict[str, int]:
    """Count what is due, by receiver."""
    return {row["receiver"]: row["due"] for row in await tx.fetch(_DUE_COUNTS)}
