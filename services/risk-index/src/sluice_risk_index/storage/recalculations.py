"""Walks over all open findings, resumable by any replica."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.storage.findings import SELECTED, as_finding
from sluice_shared.db import Tx

_LOWEST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Walk:
    """A recalculation that has not ended, and how far it is."""

    id: int
    after_asset: UUID
    after_finding: UUID


async def current_version(tx: Tx) -> str | None:
    """Return the rules of the latest walk, ended or not; None before the first."""
    version: str | None = await tx.fetchval("SELECT rules_version FROM recalculation ORDER BY id DESC LIMIT 1")
    return version


async def begin(tx: Tx, rules_version: str) -> None:
    """Begin a walk; one that is under way ends here, because this one goes over the same findings."""
    await tx.execute("UPDATE recalculation SET finished_at = now() WHERE finished_at IS NULL")
    await tx.execute("INSERT INTO recalculation (rules_version, started_at) VALUES ($1, now())", rules_version)


async def is_over(tx: Tx, period: timedelta) -> bool:
    """Tell whether the latest walk has ended and began longer ago than ``period``."""
    return bool(
        await tx.fetchval(
            """
            SELECT finished_at IS NOT NULL AND started_at < now() - $1::interval
            FROM recalculation ORDER BY id DESC LIMIT 1
            """,
            period,
        )
    )


async def take_up(tx: Tx, rules_version: str) -> Walk | None:
    """Return the walk that goes by these rules and has not ended, held; None when there is none or another has it."""
    row = await tx.fetchrow(
        """
        SELECT id, after_asset, after_finding FROM recalculation
        WHERE finished_at IS NULL AND rules_version = $1 ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        rules_version,
    )
    return Walk(row["id"], row["after_asset"] or _LOWEST, row["after_finding"] or _LOWEST) if row else None


async def next_findings(tx: Tx, walk: Walk, limit: int) -> list[tuple[Finding, str]]:
    """Return the open findings that come next, held, each with the key of its asset."""
    rows = await tx.fetch(
        f"""
        SELECT {SELECTED}, (SELECT key FROM asset WHERE asset.asset_id = finding.asset_id) AS asset_key FROM finding
        WHERE (asset_id, id) > ($1, $2) AND status = 'open' ORDER BY asset_id, id LIMIT $3 FOR UPDATE
        """,
        walk.after_asset,
        walk.after_finding,
        limit,
    )
    return [(as_finding(row), row["asset_key"]) for row in rows]


async def move_on(tx: Tx, walk: Walk, last: Finding, *, seen: int, changed: int) -> None:
    """Note how far the walk is by now."""
    await tx.execute(
        """
        UPDATE recalculation SET after_asset = $2, after_finding = $3, seen = seen + $4, changed = changed + $5
        WHERE id = $1
        """,
        walk.id,
        last.asset_id,
        last.id,
        seen,
        changed,
    )


async def end(tx: Tx, walk: Walk) -> tuple[int, int]:
    """End the walk; return how many findings it saw and changed."""
    row = await tx.fetchrow(
        "UPDATE recalculation SET finished_at = now() WHERE id = $1 RETURNING seen, changed", walk.id
    )
    return (row["seen"], row["changed"]) if row else (0, 0)
