"""Queries on people's changes of identity: due until they are settled. Those that are stuck are due at infinity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class DueAction:
    """An action to be published, and how often it was published before."""

    action_id: UUID
    attempts: int


async def add(tx: Tx, action_id: UUID) -> None:
    """Make an action due; whoever takes it has some seconds to publish it before the sweeper does."""
    await tx.execute("INSERT INTO action (action_id, due_at) VALUES ($1, now() + interval '5 seconds')", action_id)


async def keep_waiting(tx: Tx, since: timedelta, *, seconds: float, limit: int) -> int:
    """Let due actions wait on that were published within ``since``: they may still be in line. Return how many."""
    tag = await tx.execute(
        "UPDATE action SET due_at = now() + make_interval(secs => $2::float8 * (0.9 + 0.2 * random()))"
        " WHERE action_id IN (SELECT action_id FROM action WHERE due_at <= now()"
        " AND published_at >= now() - $1::interval ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)",
        since,
        seconds,
        limit,
    )
    return int(tag.rpartition(" ")[2])


async def give_up(tx: Tx, *, most: int) -> list[UUID]:
    """Let due actions rest that were published ``most`` times; return which."""
    rows = await tx.fetch(
        "UPDATE action SET due_at = 'infinity' WHERE action_id IN (SELECT action_id FROM action"
        " WHERE due_at <= now() AND attempts >= $1 FOR UPDATE SKIP LOCKED) RETURNING action_id",
        most,
    )
    return [row["action_id"] for row in rows]


async def claim_due(tx: Tx, *, limit: int) -> list[DueAction]:
    """Take actions that are due; other replicas leave them alone for half a minute."""
    rows = await tx.fetch(
        "UPDATE action SET due_at = now() + interval '30 seconds' WHERE action_id IN (SELECT action_id FROM action"
        " WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING action_id, attempts",
        limit,
    )
    return [DueAction(row["action_id"], row["attempts"]) for row in rows]


async def note_published(tx: Tx, action_id: UUID, *, wait: timedelta) -> None:
    """Note that an action was published: unless it is settled it is due again after ``wait``."""
    await tx.execute(
        "UPDATE action SET attempts = attempts + 1, published_at = now(), due_at = now() + $2::interval"
        " WHERE action_id = $1 AND due_at < 'infinity'",
        action_id,
        wait,
    )


async def postpone(tx: Tx, ids: Sequence[UUID]) -> None:
    """Make these due again in a second or two: they could not be published, which does not count."""
    await tx.execute(
        "UPDATE action SET due_at = now() + make_interval(secs => 1 + random())"
        " WHERE action_id = ANY($1::uuid[]) AND due_at < 'infinity'",
        list(ids),
    )


async def lose_publications(tx: Tx) -> int:
    """Make all actions due that were published: nothing is left of their publications. Return how many."""
    tag = await tx.execute(
        "UPDATE action SET due_at = least(due_at, now()), published_at = NULL, attempts = greatest(attempts - 1, 0)"
        " WHERE due_at < 'infinity' AND published_at IS NOT NULL"
    )
    return int(tag.rpartition(" ")[2])


async def settle(tx: Tx, action_id: UUID) -> None:
    """End an action's being due; a receipt of something else changes nothing."""
    await tx.execute("UPDATE action SET due_at = NULL WHERE action_id = $1 AND due_at IS NOT NULL", action_id)


async def rest(tx: Tx, action_id: UUID) -> bool:
    """Let an action rest that was set apart; tell whether there was one."""
    tag = await tx.execute(
        "UPDATE action SET due_at = 'infinity' WHERE action_id = $1 AND due_at < 'infinity'", action_id
    )
    return tag != "UPDATE 0"


async def replay_stuck(tx: Tx) -> int:
    """Make stuck actions due, as if they had just been taken; return how many."""
    tag = await tx.execute(
        "UPDATE action SET due_at = now(), attempts = 0, published_at = NULL WHERE due_at = 'infinity'"
    )
    return int(tag.rpartition(" ")[2])


async def count_stuck(tx: Tx) -> int:
    """Return how many actions rest because risk-index did not confirm them."""
    return int(await tx.fetchval("SELECT count(*) FROM action WHERE due_at = 'infinity'"))
