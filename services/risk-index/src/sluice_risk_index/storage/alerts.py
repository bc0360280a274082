"""Alerts: kept until they are settled. Those that are stuck are due at infinity."""

# ruff: noqa: S608 - only a constant is put into the SQL

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sluice_risk_index.domain.alerts import Alert
from sluice_shared.db import Tx

# In the order of their ids, as whoever settles them: so that two replicas cannot dead-lock.
_HELD = """
FROM (SELECT id FROM alert WHERE id = ANY($1) AND settled_at IS NULL ORDER BY id FOR UPDATE) AS held
WHERE alert.id = held.id
"""


@dataclass(frozen=True, slots=True)
class DueAlert:
    """An alert to be published; ``payload`` is its JSON, ``attempts`` how often it was published before."""

    id: UUID
    team: str
    payload: str
    attempts: int


async def insert_alerts(tx: Tx, alerts: Sequence[Alert]) -> list[str]:
    """Keep alerts, due at once; one that was raised before stays as it is. Return the levels of the new ones."""
    if not alerts:
        return []
    rows = await tx.fetch(
        """
        INSERT INTO alert (id, asset_id, finding_id, level, step, clock, team, payload, raised_at, due_at)
        SELECT s.id, s.asset_id, s.finding_id, s.level, s.step, s.clock, s.team, s.payload::json, now(), now()
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[])
            AS s (id, asset_id, finding_id, level, step, clock, team, payload)
        ON CONFLICT DO NOTHING
        RETURNING level
        """,
        [alert.id for alert in alerts],
        [alert.asset_id for alert in alerts],
        [alert.finding_id for alert in alerts],
        [alert.level for alert in alerts],
        [alert.step for alert in alerts],
        [alert.clock for alert in alerts],
        [alert.team for alert in alerts],
        [alert.payload for alert in alerts],
    )
    return [row["level"] for row in rows]


async def next_steps(tx: Tx, raised: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], int]:
    """Return the first free step of each (finding id, level) on the finding's present clock, where one is taken."""
    rows = await tx.fetch(
        """
        SELECT s.finding_id, s.level, max(a.step) + 1 AS step
        FROM unnest($1::uuid[], $2::text[]) AS s (finding_id, level)
        JOIN finding f ON f.id = s.finding_id
        JOIN alert a ON a.finding_id = s.finding_id AND a.level = s.level AND a.clock = f.clock
        GROUP BY 1, 2
        """,
        [finding_id for finding_id, _ in raised],
        [level for _, level in raised],
    )
    return {(row["finding_id"], row["level"]): row["step"] for row in rows}


async def alerted_findings(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these findings somebody was told of last as being there: the last alert is not of their end."""
    if not ids:
        return set()
    rows = await tx.fetch(
        """
        SELECT finding_id FROM (
            SELECT DISTINCT ON (finding_id) finding_id, level FROM alert WHERE finding_id = ANY($1)
            ORDER BY finding_id, clock DESC, raised_at DESC
        ) AS last WHERE level <> 'resolved'
        """,
        ids,
    )
    return {row["finding_id"] for row in rows}


async def keep_waiting(tx: Tx, since: timedelta, *, seconds: float, limit: int) -> int:
    """Let due alerts wait on that were published within ``since``: they may still be in line. Return how many."""
    tag = await tx.execute(
        """
        UPDATE alert SET due_at = now() + make_interval(secs => $2::float8 * (0.9 + 0.2 * random()))
        WHERE id IN (
            SELECT id FROM alert WHERE settled_at IS NULL AND due_at <= now() AND published_at >= now() - $1::interval
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        """,
        since,
        seconds,
        limit,
    )
    return int(tag.rpartition(" ")[2])


async def give_up(tx: Tx, *, most: int, limit: int) -> int:
    """Let due alerts rest that were published ``most`` times; return how many."""
    tag = await tx.execute(
        """
        UPDATE alert SET due_at = 'infinity'
        WHERE id IN (
            SELECT id FROM alert WHERE settled_at IS NULL AND due_at <= now() AND attempts >= $1
            ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        most,
        limit,
    )
    return int(tag.rpartition(" ")[2])


async def claim_due(tx: Tx, *, limit: int) -> list[DueAlert]:
    """Take alerts that are due; other replicas leave them alone for half a minute."""
    rows = await tx.fetch(
        """
        UPDATE alert SET due_at = now() + interval '30 seconds'
        WHERE id IN (
            SELECT id FROM alert WHERE settled_at IS NULL AND due_at <= now()
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, team, payload, attempts
        """,
        limit,
    )
    return [DueAlert(row["id"], row["team"], row["payload"], row["attempts"]) for row in rows]


async def note_published(tx: Tx, ids: Sequence[UUID], *, base: float, cap: float) -> None:
    """Note that these were published: unless settled they are due after ``base`` seconds, doubling up to ``cap``."""
    await tx.execute(
        f"""
        UPDATE alert SET attempts = attempts + 1, published_at = now(),
            due_at = now() + make_interval(secs => least($3::float8, $2::float8 * 2 ^ least(attempts, 30))
                * (0.9 + 0.2 * random()))
        {_HELD}
        """,
        list(ids),
        base,
        cap,
    )


async def postpone(tx: Tx, ids: Sequence[UUID]) -> None:
    """Make these due again in a second or two: they could not be published, which does not count."""
    await tx.execute(f"UPDATE alert SET due_at = now() + make_interval(secs => 1 + random()) {_HELD}", list(ids))


async def lose_publications(tx: Tx) -> int:
    """Make all alerts due that were published: nothing is left of their publications. Return how many."""
    tag = await tx.execute(
        """
        UPDATE alert SET due_at = least(due_at, now()), published_at = NULL, attempts = greatest(attempts - 1, 0)
        WHERE id IN (
            SELECT id FROM alert
            WHERE settled_at IS NULL AND published_at IS NOT NULL AND due_at < 'infinity' ORDER BY id FOR UPDATE)
        """
    )
    return int(tag.rpartition(" ")[2])


async def replay_stuck(tx: Tx) -> int:
    """Make stuck alerts due, as if they had just been raised; return how many."""
    tag = await tx.execute(
        """
        UPDATE alert SET due_at = now(), attempts = 0, published_at = NULL
        WHERE settled_at IS NULL AND due_at = 'infinity'
        """
    )
    return int(tag.rpartition(" ")[2])


async def settle(tx: Tx, ids: Sequence[UUID]) -> int:
    """Note that notifier has these alerts; return how many were still open."""
    tag = await tx.execute(
        """
        UPDATE alert SET settled_at = now() FROM (
            SELECT id FROM alert WHERE id = ANY($1) AND settled_at IS NULL ORDER BY id FOR UPDATE
        ) AS held WHERE alert.id = held.id
        """,
        list(ids),
    )
    return int(tag.rpartition(" ")[2])


async def count_stuck(tx: Tx) -> int:
    """Return how many alerts rest because notifier did not confirm them."""
    return int(await tx.fetchval("SELECT count(*) FROM alert WHERE settled_at IS NULL AND due_at = 'infinity'"))
