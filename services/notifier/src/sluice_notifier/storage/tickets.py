"""Queries over tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sluice_notifier.domain.message import Ticket
from sluice_notifier.domain.outcome import TicketState
from sluice_shared.db import Tx

# Of each finding of a ticket, the last thing that was said about it.
_FIND = """
SELECT u.receiver, u.key, t.ref, counts.findings, counts.findings_open
FROM unnest($1::text[], $2::text[]) AS u (receiver, key)
LEFT JOIN ticket t ON t.receiver = u.receiver AND t.key = u.key
CROSS JOIN LATERAL (
    SELECT count(*) AS findings, count(*) FILTER (WHERE last.level <> 'resolved') AS findings_open
    FROM (
        SELECT DISTINCT ON (a.finding_id) a.level
        FROM delivery d
        JOIN delivery_alert da ON da.delivery_id = d.id
        JOIN alert a ON a.id = da.alert_id
        WHERE d.receiver = u.receiver AND d.group_key = u.key AND d.state <> 'silenced'
        ORDER BY a.finding_id, a.clock DESC, a.raised_at DESC, a.received_at DESC) AS last) AS counts
"""

_SAVE = """
INSERT INTO ticket (receiver, key, ref, url, status, done, created_at, checked_at, next_check_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
ON CONFLICT (receiver, key) DO UPDATE SET ref = excluded.ref, url = coalesce(excluded.url, ticket.url),
    status = excluded.status, done = excluded.done, checked_at = excluded.checked_at,
    next_check_at = excluded.next_check_at
"""

_CLAIM = """
UPDATE ticket SET next_check_at = $2
WHERE (receiver, key) IN (
    SELECT receiver, key FROM ticket WHERE next_check_at <= $1 AND receiver = ANY($3::text[])
    ORDER BY next_check_at LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING receiver, key, done
"""

_STATUS_OF_DELIVERIES = """
UPDATE delivery SET ticket_status = $3
WHERE receiver = $1 AND group_key = $2 AND ticket_ref IS NOT NULL AND ticket_status IS DISTINCT FROM $3
"""


@dataclass(frozen=True, slots=True)
class DueTicket:
    """A ticket to be looked at, and whether it was done at the last look."""

    receiver: str
    key: str
    was_done: bool


async def find(tx: Tx, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Ticket]:
    """Return the tickets of these receivers and groups, known to their trackers or not, with their findings counted."""
    rows = await tx.fetch(_FIND, [r for r, _ in keys], [k for _, k in keys])
    return {
        (row["receiver"], row["key"]): Ticket(
            key=row["key"], ref=row["ref"], findings=row["findings"], findings_open=row["findings_open"]
        )
        for row in rows
    }


async def save(tx: Tx, receiver: str, key: str, state: TicketState, now: datetime, *, next_check_at: datetime) -> None:
    """Keep what the tracker says of a ticket, with the ticket and with its deliveries."""
    await tx.execute(_SAVE, receiver, key, state.ref, state.url, state.status, state.done, now, next_check_at)
    await tx.execute(_STATUS_OF_DELIVERIES, receiver, key, state.status)


async def claim_due(
    tx: Tx, now: datetime, *, receivers: Sequence[str], leased_until: datetime, limit: int
) -> list[DueTicket]:
    """Take tickets to look at; no other replica gets them before ``leased_until``."""
    rows = await tx.fetch(_CLAIM, now, leased_until, receivers, limit)
    return [DueTicket(row["receiver"], row["key"], row["done"]) for row in rows]
