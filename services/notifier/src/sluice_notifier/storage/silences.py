"""Queries over silences."""

# ruff: noqa: S608 - only column names are put into the SQL

from datetime import datetime
from uuid import UUID

from sluice_notifier.domain.silence import Silence
from sluice_shared.db import Record, Tx

_COLUMNS = "id, matchers, starts_at, ends_at, created_by, comment, created_at"
_INSERT = """
INSERT INTO silence (id, matchers, starts_at, ends_at, created_by, created_with, comment, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_ACTIVE = f"SELECT {_COLUMNS} FROM silence WHERE starts_at <= $1 AND ends_at > $1 ORDER BY id"
_PAGE = f"""
SELECT {_COLUMNS} FROM silence
WHERE ($1::uuid IS NULL OR id < $1) AND ($2::timestamptz IS NULL OR ends_at > $2)
ORDER BY id DESC LIMIT $3
"""
_ONE = f"SELECT {_COLUMNS} FROM silence WHERE id = $1"
_EXPIRE = "UPDATE silence SET ends_at = $2, expired_by = $3 WHERE id = $1 AND ends_at > $2"


async def insert(tx: Tx, silence: Silence, *, created_with: str) -> None:
    """Keep a silence; ``created_with`` is the token's name."""
    await tx.execute(
        _INSERT,
        silence.id,
        list(silence.matchers),
        silence.starts_at,
        silence.ends_at,
        silence.created_by,
        created_with,
        silence.comment,
        silence.created_at,
    )


async def active(tx: Tx, now: datetime) -> list[Silence]:
    """Return the silences that hold now."""
    return [_silence(row) for row in await tx.fetch(_ACTIVE, now)]


async def page(tx: Tx, *, before: UUID | None, ends_after: datetime | None, limit: int) -> list[Silence]:
    """Return silences, newest first; with ``ends_after`` only those that end later."""
    return [_silence(row) for row in await tx.fetch(_PAGE, before, ends_after, limit)]


async def find(tx: Tx, silence_id: UUID) -> Silence | None:
    """Return a silence."""
    row = await tx.fetchrow(_ONE, silence_id)
    return None if row is None else _silence(row)


async def expire(tx: Tx, silence_id: UUID, now: datetime, *, by: str) -> None:
    """End a silence now, unless it has ended already."""
    await tx.execute(_EXPIRE, silence_id, now, by)


def _silence(row: Record) -> Silence:
    return Silence(**(dict(row.items()) | {"matchers": tuple(row["matchers"])}))
