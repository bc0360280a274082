"""Walks over all open findings, resumable by any replica."""

from dataclasses import dataclass
from datetime import timedelta

from sluice_risk_index.storage.planning import BEGIN, Place
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class Walk:
    """A recalculation that has not ended, and how far it is."""

    id: int
    after: Place
    tells: bool


async def current_version(tx: Tx) -> str | None:
    """Return the rules of the latest walk, ended or not; None before the first."""
    version: str | None = await tx.fetchval("SELECT rules_version FROM recalculation ORDER BY id DESC LIMIT 1")
    return version


async def is_applied(tx: Tx, rules_version: str) -> bool:
    """Tell whether all findings stand as these rules have them: the latest walk went by them and has ended."""
    row = await tx.fetchrow(
        "SELECT rules_version, finished_at IS NOT NULL AS ended FROM recalculation ORDER BY id DESC LIMIT 1"
    )
    return row is not None and row["ended"] and row["rules_version"] == rules_version


async def begin(tx: Tx, rules_version: str, *, tells: bool = False) -> None:
    """Begin a walk; one that is under way ends here, because this one goes over the same findings."""
    await tx.execute("UPDATE recalculation SET finished_at = now() WHERE finished_at IS NULL")
    await tx.execute(
        "INSERT INTO recalculation (rules_version, started_at, tells) VALUES ($1, now(), $2)", rules_version, tells
    )


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
        SELECT id, after_asset, after_finding, tells FROM recalculation
        WHERE finished_at IS NULL AND rules_version = $1 ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        rules_version,
    )
    if row is None:
        return None
    after = BEGIN if row["after_asset"] is None else Place(row["after_asset"], row["after_finding"])
    return Walk(row["id"], after, row["tells"])


async def move_on(tx: Tx, walk: Walk, upto: Place, *, seen: int, changed: int) -> None:
    """Note how far the walk is by now."""
    await tx.execute(
        """
        UPDATE recalculation SET after_asset = $2, after_finding = $3, seen = seen + $4, changed = changed + $5
        WHERE id = $1
        """,
        walk.id,
        *upto,
        seen,
        changed,
    )


async def end(tx: Tx, walk: Walk) -> tuple[int, int]:
    """End the walk; return how many findings it saw and changed."""
    row = await tx.fetchrow(
        "UPDATE recalculation SET finished_at = now() WHERE id = $1 RETURNING seen, changed", walk.id
    )
    return (row["seen"], row["changed"]) if row else (0, 0)
