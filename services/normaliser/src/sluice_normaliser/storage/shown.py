"""What scopes show, read back from what is stored of it: as a scan would bring it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class AssetSize:
    """An asset that shows something, and how many results it shows."""

    asset_id: UUID
    key: str
    shown: int


async def next_assets(tx: Tx, *, after: str | None, limit: int) -> list[AssetSize]:
    """Return assets by key, behind one."""
    rows = await tx.fetch(
        "SELECT a.asset_id, a.key, (SELECT count(*) FROM presence p WHERE p.asset_id = a.asset_id"
        " AND p.gone_at IS NULL) AS shown FROM asset a WHERE $1::varchar IS NULL OR a.key > $1 ORDER BY a.key LIMIT $2",
        after,
        limit,
    )
    return [AssetSize(*row) for row in rows]


async def scopes_with_keys(tx: Tx, asset_id: UUID, algorithms: Sequence[int]) -> tuple[int, int]:
    """Return how many scopes show anything, and of how many of them these algorithms' keys are stored."""
    row = await tx.fetchrow(
        "SELECT count(*), count(*) FILTER (WHERE s.algorithms @> $2::smallint[]) FROM scope s WHERE s.asset_id = $1"
        " AND EXISTS (SELECT FROM presence p WHERE p.scope_id = s.id AND p.gone_at IS NULL)",
        asset_id,
        list(algorithms),
    )
    return (row[0], row[1]) if row else (0, 0)


async def shown(tx: Tx, asset_id: UUID) -> list[Any]:
    """Return every open presence with its scope and what the scope's scanner last said of the finding.

    In the order in which the scopes began; ``payload`` is JSON text.
    """
    return await tx.fetch(
        "SELECT p.scope_id, s.scanner, s.ref, s.category, p.finding_id, p.exact, p.content, p.severity, p.line,"
        " o.rule, o.path, o.keys, o.payload, o.scanner_version FROM presence p JOIN scope s ON s.id = p.scope_id"
        " JOIN observation o ON o.asset_id = p.asset_id AND o.finding_id = p.finding_id AND o.scanner = s.scanner"
        " WHERE p.asset_id = $1 AND p.gone_at IS NULL ORDER BY p.scope_id, p.finding_id",
        asset_id,
    )


async def scopes(tx: Tx, asset_id: UUID) -> list[Any]:
    """Return an asset's scopes in the order of their last scans."""
    return await tx.fetch(
        "SELECT id, scanner, ref, category, last_at, last_sequence, complete_at, complete_sequence FROM scope"
        " WHERE asset_id = $1 ORDER BY last_at, last_sequence, id",
        asset_id,
    )
