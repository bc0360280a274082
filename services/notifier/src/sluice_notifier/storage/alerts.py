"""Queries over alerts: take them over, and find what is known of their findings."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sluice_notifier.domain.message import MOST_ITEMS
from sluice_shared.contracts.events import AlertLevel, AlertRaised
from sluice_shared.db import Tx

_MOST_STANDING = 5000

# In the order of their ids, so that two replicas that take the same batch cannot dead-lock.
_INSERT = """
INSERT INTO alert (id, finding_id, asset, team, level, clock, score, raised_at, received_at, payload)
SELECT id, finding_id, asset, team, level, clock, score, raised_at, $9, payload
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::real[], $8::timestamptz[],
    $10::text[]::jsonb[]) AS u (id, finding_id, asset, team, level, clock, score, raised_at, payload)
ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

_OF_DELIVERIES = """
SELECT da.delivery_id, a.payload FROM delivery_alert da JOIN alert a ON a.id = da.alert_id
WHERE da.delivery_id = ANY($1::uuid[])
"""

_TOP = """
SELECT delivery_id, payload FROM (
    SELECT da.delivery_id, a.payload,
        row_number() OVER (PARTITION BY da.delivery_id ORDER BY a.score DESC, a.id) AS place
    FROM delivery_alert da JOIN alert a ON a.id = da.alert_id
    WHERE da.delivery_id = ANY($1::uuid[])) AS ranked
WHERE place <= $2
"""

_LEVELS = """
SELECT da.delivery_id, a.level, count(*) AS alerts FROM delivery_alert da JOIN alert a ON a.id = da.alert_id
WHERE da.delivery_id = ANY($1::uuid[])
GROUP BY da.delivery_id, a.level
"""

_STANDING = """
SELECT a.payload FROM alert a
WHERE a.received_at > $4 AND a.level <> 'resolved'
    AND (a.finding_id = ANY($1::uuid[]) OR a.asset = ANY($2::text[]) OR a.team = ANY($3::text[]))
    AND NOT EXISTS (
        SELECT FROM alert r WHERE r.finding_id = a.finding_id AND r.level = 'resolved' AND r.raised_at >= a.raised_at)
ORDER BY a.received_at DESC LIMIT $5
"""


async def insert(tx: Tx, alerts: Sequence[AlertRaised], now: datetime) -> set[UUID]:
    """Store the alerts that are not there yet; return their ids. Ids within a batch must differ."""
    rows = await tx.fetch(
        _INSERT,
        [a.alert_id for a in alerts],
        [a.finding.finding_id for a in alerts],
        [a.finding.asset for a in alerts],
        [a.team for a in alerts],
        [a.level.value for a in alerts],
        [a.clock for a in alerts],
        [a.finding.score for a in alerts],
        [a.raised_at for a in alerts],
        now,
        [a.model_dump_json() for a in alerts],
    )
    return {row["id"] for row in rows}


async def of_deliveries(tx: Tx, delivery_ids: Sequence[UUID]) -> dict[UUID, list[AlertRaised]]:
    """Return all alerts of the deliveries."""
    return _grouped(await tx.fetch(_OF_DELIVERIES, delivery_ids))


async def top_of_deliveries(tx: Tx, delivery_ids: Sequence[UUID]) -> dict[UUID, list[AlertRaised]]:
    """Return the alerts of each delivery with the highest scores, at most as many as a message holds."""
    return _grouped(await tx.fetch(_TOP, delivery_ids, MOST_ITEMS))


async def levels_of_deliveries(tx: Tx, delivery_ids: Sequence[UUID]) -> dict[UUID, dict[AlertLevel, int]]:
    """Count the alerts of each delivery by level."""
    counts: dict[UUID, dict[AlertLevel, int]] = {delivery_id: {} for delivery_id in delivery_ids}
    for row in await tx.fetch(_LEVELS, delivery_ids):
        counts[row["delivery_id"]][AlertLevel(row["level"])] = row["alerts"]
    return counts


async def standing(
    tx: Tx, *, findings: Iterable[UUID], assets: Iterable[str], teams: Iterable[str], since: datetime
) -> list[AlertRaised]:
    """Return alerts about these that came after ``since`` and whose findings were not resolved afterwards.

    At most 5,000, the newest.
    """
    rows = await tx.fetch(_STANDING, list(findings), list(assets), list(teams), since, _MOST_STANDING)
    return [AlertRaised.model_validate_json(row["payload"]) for row in rows]


def _grouped(rows: Iterable[Mapping[str, object]] | Sequence[object]) -> dict[UUID, list[AlertRaised]]:
    found: dict[UUID, list[AlertRaised]] = {}
    for row in rows:
        found.setdefault(row["delivery_id"], []).append(AlertRaised.model_validate_json(row["payload"]))  # type: ignore[index]
    return found
