"""Which chunks of an emission have been committed."""

from datetime import timedelta
from uuid import UUID

from sluice_shared.db import Tx


async def mark_chunk(tx: Tx, *, emission_id: UUID, report_id: UUID, chunk: int, chunks: int) -> bool:
    """Note that this chunk is in this transaction; return whether all chunks of the emission are in by now.

    Transactions that mark chunks of one emission at the same time take turns here, so that the last one sees them all.
    """
    return bool(
        await tx.fetchval(
            """
            INSERT INTO emission AS e (emission_id, report_id, chunks, seen, at)
            VALUES ($1, $2, $3, ARRAY[$4::int], now())
            ON CONFLICT (emission_id) DO UPDATE
            SET seen = CASE WHEN $4::int = ANY (e.seen) THEN e.seen ELSE e.seen || $4::int END
            RETURNING cardinality(seen) >= chunks
            """,
            emission_id,
            report_id,
            chunks,
            chunk,
        )
    )


async def prune_emissions(tx: Tx, older_than: timedelta) -> int:
    """Forget emissions that began longer ago than this; return how many."""
    tag = await tx.execute("DELETE FROM emission WHERE at < now() - $1::interval", older_than)
    return int(tag.rpartition(" ")[2])
