"""Everything about one finding."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from sluice_risk_index.storage import decisions
from sluice_shared.db import Record, Tx


@dataclass(frozen=True, slots=True)
class FindingPage:
    """A finding with its detail, its history, its alerts and its decisions, the oldest first."""

    finding: Record
    keys: dict[str, str]
    observations: list[dict[str, Any]]
    history: list[Record]
    alerts: list[Record]
    decisions: list[Record]


async def find(tx: Tx, finding_id: UUID) -> FindingPage | None:
    """Return what is known of the finding; None when there is none of this id."""
    row = await tx.fetchrow(
        """
        SELECT f.*, a.key AS asset, d.keys AS detail_keys, d.observations AS detail_observations,
            (SELECT max(c.last_scan_at) FROM coverage c
             WHERE c.asset_id = f.asset_id AND c.scanner = ANY (f.scanners) AND c.ref = ANY (f.refs)) AS last_scan_at
        FROM finding f JOIN asset a USING (asset_id)
        LEFT JOIN finding_detail d ON d.asset_id = f.asset_id AND d.finding_id = f.id
        WHERE f.id = $1
        """,
        finding_id,
    )
    if row is None:
        return None
    history = await tx.fetch(
        "SELECT at, event, was, now FROM finding_history WHERE asset_id = $1 AND finding_id = $2 ORDER BY at, event",
        row["asset_id"],
        finding_id,
    )
    alerts = await tx.fetch(
        """
        SELECT id, level, step, clock, team, raised_at, published_at, settled_at FROM alert
        WHERE finding_id = $1 ORDER BY raised_at, clock, step
        """,
        finding_id,
    )
    return FindingPage(
        finding=row,
        keys=orjson.loads(row["detail_keys"] or "{}"),
        observations=orjson.loads(row["detail_observations"] or "[]"),
        history=history,
        alerts=alerts,
        decisions=await decisions.of_finding(tx, row["asset_id"], finding_id),
    )
