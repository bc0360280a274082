"""What the gate has to know."""

from collections.abc import Sequence
from uuid import UUID

from sluice_shared.db import Record, Tx


async def new_findings(tx: Tx, asset_id: UUID, *, ref: str, base: str) -> list[Record]:
    """Return the asset's open findings that are present on ``ref`` and not on ``base``, worst first.

    What a decision or an exception excuses is among them; ``decision`` tells.
    """
    return await tx.fetch(
        """
        SELECT id, title, kind, severity, risk_class, score, team, rule_id, location, package, fix_action, due_at,
            decision
        FROM finding
        WHERE asset_id = $1 AND status = 'open' AND $2::text = ANY (refs) AND NOT $3::text = ANY (refs)
        ORDER BY severity_rank DESC, score DESC, id
        """,
        asset_id,
        ref,
        base,
    )


async def scanned_refs(tx: Tx, asset_id: UUID, refs: Sequence[str]) -> set[str]:
    """Return which of these refs have had a successful scan."""
    rows = await tx.fetch(
        "SELECT DISTINCT ref FROM coverage WHERE asset_id = $1 AND ref = ANY ($2) AND last_scan_at IS NOT NULL",
        asset_id,
        list(refs),
    )
    return {row["ref"] for row in rows}
