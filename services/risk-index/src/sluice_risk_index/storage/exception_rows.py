"""Exceptions by API, and the reviews that were reminded of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.storage.evidence_tables import ExceptionRow
from sluice_shared.db import Record, Tx

TABLE = ExceptionRow.__tablename__


@dataclass(frozen=True, slots=True)
class Stored:
    """An exception by API, and since when it says what it says."""

    entry: Exemption
    changed_at: datetime
    created_by: str


async def insert(tx: Tx, entry: Exemption, *, by: str) -> bool:
    """Keep a new exception; return False when there is, or was, one of the same id."""
    return bool(
        await tx.fetchval(
            """
            INSERT INTO exception (id, entry, created_by, created_at, changed_at)
            VALUES ($1, $2::json, $3, now(), now()) ON CONFLICT DO NOTHING RETURNING true
            """,
            entry.id,
            _json(entry),
            by,
        )
    )


async def in_force(tx: Tx) -> list[Stored]:
    """Return those that have not been ended, in the order of their ids."""
    rows = await tx.fetch("SELECT entry, changed_at, created_by FROM exception WHERE ended_at IS NULL ORDER BY id")
    return [Stored(Exemption.model_validate_json(row["entry"]), row["changed_at"], row["created_by"]) for row in rows]


async def hold(tx: Tx, name: str) -> Exemption | None:
    """Return the exception of this id, held; None when there is none, or it was ended."""
    text = await tx.fetchval("SELECT entry FROM exception WHERE id = $1 AND ended_at IS NULL FOR UPDATE", name)
    return None if text is None else Exemption.model_validate_json(text)


async def end(tx: Tx, name: str, *, by: str) -> None:
    """End an exception that the caller holds; it stays on record."""
    await tx.execute("UPDATE exception SET ended_at = now(), ended_by = $2 WHERE id = $1", name, by)


async def replace(tx: Tx, entry: Exemption) -> None:
    """Write what an exception that the caller holds says from now on."""
    await tx.execute("UPDATE exception SET entry = $2::json, changed_at = now() WHERE id = $1", entry.id, _json(entry))


async def version(tx: Tx) -> tuple[object, ...]:
    """Return what changes whenever any of them does."""
    row = await tx.fetchrow("SELECT count(*), max(changed_at), max(ended_at) FROM exception")
    return tuple(row) if row else ()


async def note_review(tx: Tx, name: str, due: date, *, told: bool) -> bool:
    """Note that a review was reminded of; return False when it had been before, by whichever replica."""
    return bool(
        await tx.fetchval(
            """
            INSERT INTO exception_review (exception_id, due, raised_at, told) VALUES ($1, $2, now(), $3)
            ON CONFLICT DO NOTHING RETURNING true
            """,
            name,
            due,
            told,
        )
    )


async def reminded(tx: Tx, names: Sequence[str]) -> set[tuple[str, date]]:
    """Return which reviews of these exceptions were reminded of."""
    rows = await tx.fetch("SELECT exception_id, due FROM exception_review WHERE exception_id = ANY ($1)", list(names))
    return {(row["exception_id"], row["due"]) for row in rows}


async def covered_by(tx: Tx, name: str) -> list[Record]:
    """Return for each owner the riskiest open finding that the exception covers, and how many there are."""
    return await tx.fetch(
        """
        SELECT DISTINCT ON (f.team) f.team, f.tier, f.asset_id, a.key AS asset, f.title, f.kind, f.severity,
            f.risk_class, f.score, f.first_seen_at, count(*) OVER (PARTITION BY f.team) AS number
        FROM finding f JOIN asset a USING (asset_id)
        WHERE f.exception_id = $1 AND f.status = 'open' ORDER BY f.team, f.score DESC, f.id
        """,
        name,
    )


def _json(entry: Exemption) -> str:
    return entry.model_dump_json(by_alias=True, exclude_none=True)
