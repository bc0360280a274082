"""What a change of rules means to owners, added up until it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sluice_risk_index.domain.change import Digest
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class Pending:
    """A digest, and the finding at which it is shown: the one of the highest ``rank``."""

    digest: Digest
    asset_id: UUID
    finding_id: UUID
    rank: float


async def add(tx: Tx, pending: Sequence[Pending]) -> None:
    """Add to what is to be told already, one digest for a team."""
    if not pending:
        return
    await tx.execute(
        """
        INSERT INTO digest AS d (team, breached, earlier, later, gained, lost, reclassed,
            worst_asset, worst_finding, worst_rank)
        SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[],
            $8::uuid[], $9::uuid[], $10::float8[])
        ON CONFLICT (team) DO UPDATE SET
            breached = d.breached + excluded.breached, earlier = d.earlier + excluded.earlier,
            later = d.later + excluded.later, gained = d.gained + excluded.gained, lost = d.lost + excluded.lost,
            reclassed = d.reclassed + excluded.reclassed,
            worst_asset = CASE WHEN excluded.worst_rank > d.worst_rank THEN excluded.worst_asset ELSE d.worst_asset END,
            worst_finding =
                CASE WHEN excluded.worst_rank > d.worst_rank THEN excluded.worst_finding ELSE d.worst_finding END,
            worst_rank = greatest(excluded.worst_rank, d.worst_rank)
        """,
        [p.digest.team for p in pending],
        [p.digest.breached for p in pending],
        [p.digest.earlier for p in pending],
        [p.digest.later for p in pending],
        [p.digest.gained for p in pending],
        [p.digest.lost for p in pending],
        [p.digest.reclassed for p in pending],
        [p.asset_id for p in pending],
        [p.finding_id for p in pending],
        [p.rank for p in pending],
    )


async def take_all(tx: Tx) -> list[Pending]:
    """Return all that is to be told, and forget it when the transaction ends."""
    rows = await tx.fetch("DELETE FROM digest RETURNING *")
    return [
        Pending(
            Digest(
                row["team"],
                breached=row["breached"],
                earlier=row["earlier"],
                later=row["later"],
                gained=row["gained"],
                lost=row["lost"],
                reclassed=row["reclassed"],
            ),
            row["worst_asset"],
            row["worst_finding"],
            row["worst_rank"],
        )
        for row in rows
    ]
