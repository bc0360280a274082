"""Queries that read a report's changes back from the state."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sluice_shared.db import Tx


async def changed_findings(tx: Tx, asset_id: UUID, report_id: UUID, *, after: UUID | None, limit: int) -> list[Any]:
    """Return the asset's findings that the report was the last to change, by id, behind ``after``."""
    return await tx.fetch(
        "SELECT id, version, change, status, severity, first_seen_at, opened_at, resolved_at, reopen_count, matched_by"
        " FROM finding WHERE asset_id = $1 AND changed_by = $2 AND ($3::uuid IS NULL OR id > $3)"
        " ORDER BY id LIMIT $4",
        asset_id,
        report_id,
        after,
        limit,
    )


async def observations(tx: Tx, asset_id: UUID, finding_ids: Sequence[UUID]) -> list[Any]:
    """Return what each scanner last said of the findings; ``payload`` is JSON text."""
    return await tx.fetch(
        "SELECT finding_id, scanner, scanner_version, keys, payload FROM observation"
        " WHERE asset_id = $1 AND finding_id = ANY($2::uuid[]) ORDER BY finding_id, seen_at DESC, scanner",
        asset_id,
        finding_ids,
    )


async def refs(tx: Tx, asset_id: UUID, finding_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return on which refs each finding is present now."""
    rows = await tx.fetch(
        "SELECT p.finding_id, array_agg(DISTINCT s.ref ORDER BY s.ref) FROM presence p"
        " JOIN scope s ON s.id = p.scope_id"
        " WHERE p.asset_id = $1 AND p.finding_id = ANY($2::uuid[]) AND p.gone_at IS NULL GROUP BY p.finding_id",
        asset_id,
        finding_ids,
    )
    return {row[0]: row[1] for row in rows}
