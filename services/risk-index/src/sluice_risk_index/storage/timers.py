"""SLA timers: which findings have a step to take, and the taking of it."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sluice_risk_index.domain.finding import COLUMNS, Finding
from sluice_risk_index.storage.findings import as_finding
from sluice_shared.db import Tx

# Neither the step nor its alert needs these, and they are most of a row.
_LEFT_OUT = {"terms": "''", "facts": "''", "score_factors": "''", "class_reason": "''", "owner_reason": "''"}
_NEEDED = ", ".join(f"{_LEFT_OUT[column]} AS {column}" if column in _LEFT_OUT else column for column in COLUMNS)


async def claim_due(tx: Tx, limit: int) -> list[tuple[Finding, datetime]]:
    """Return the findings whose next step has come, held, each with the database's time; others' are passed over.

    They are to be written by :func:`advance` and nothing else: what the steps do not need is empty in them.
    """
    rows = await tx.fetch(
        f"""
        SELECT {_NEEDED}, now() AS now_ FROM finding WHERE next_timer_at <= now()
        ORDER BY next_timer_at LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    return [(as_finding(row), row["now_"]) for row in rows]


async def keys_of(tx: Tx, asset_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the keys of these assets."""
    rows = await tx.fetch("SELECT asset_id, key FROM asset WHERE asset_id = ANY($1)", asset_ids)
    return {row["asset_id"]: row["key"] for row in rows}


async def advance(tx: Tx, findings: Sequence[Finding]) -> None:
    """Write the timer columns of findings that the caller holds."""
    await tx.execute(
        """
        UPDATE finding f SET sla_state = s.sla_state, timer_reached = s.timer_reached,
            next_timer_at = s.next_timer_at, facet = s.facet
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::float8[], $5::timestamptz[], $6::int[])
            AS s (asset_id, id, sla_state, timer_reached, next_timer_at, facet)
        WHERE f.asset_id = s.asset_id AND f.id = s.id
        """,
        [finding.asset_id for finding in findings],
        [finding.id for finding in findings],
        [finding.sla_state for finding in findings],
        [finding.timer_reached for finding in findings],
        [finding.next_timer_at for finding in findings],
        [finding.facet for finding in findings],
    )
