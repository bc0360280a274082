"""Queries over bodies that have been kept long enough."""

from datetime import datetime

from sluice_shared.db import Tx

# A body goes when no report with it is due or younger than the retention time.
_EXPIRED = """
SELECT DISTINCT old.body_sha256 FROM report AS old
WHERE old.body_deleted_at IS NULL AND old.received_at < $1 AND NOT EXISTS (
    SELECT FROM report AS needed
    WHERE needed.body_sha256 = old.body_sha256 AND (needed.due_at IS NOT NULL OR needed.received_at >= $1))
LIMIT $2
"""

_NEEDED = "SELECT EXISTS (SELECT FROM report WHERE body_sha256 = $1 AND (due_at IS NOT NULL OR received_at >= $2))"

_DELETED = "UPDATE report SET body_deleted_at = $2 WHERE body_sha256 = $1 AND body_deleted_at IS NULL"


async def expired(tx: Tx, *, before: datetime, limit: int) -> list[str]:
    """Return the SHA-256 of bodies that only reports received before `before`, none of them due, still have."""
    return [row["body_sha256"] for row in await tx.fetch(_EXPIRED, before, limit)]


async def is_needed(tx: Tx, sha256: str, *, since: datetime) -> bool:
    """Tell whether a report that is due, or was received at `since` or later, has this body."""
    return bool(await tx.fetchval(_NEEDED, sha256, since))


async def mark_deleted(tx: Tx, sha256: str, *, at: datetime) -> None:
    """Note that the body is gone."""
    await tx.execute(_DELETED, sha256, at)
