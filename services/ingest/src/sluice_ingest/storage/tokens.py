"""Queries over tokens."""

from datetime import datetime, timedelta
from uuid import UUID

from sluice_ingest.domain.tokens import Token
from sluice_shared.db import Record, Tx

_USE_NOTED_EVERY = timedelta(minutes=1)

_COLUMNS = "id, name, scopes, assets, created_at, created_by, expires_at, revoked_at, last_used_at"

# One statement for both: the use is noted at most once a minute.
_USE = f"""
WITH used AS (
    UPDATE token SET last_used_at = $2
    WHERE digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
        AND (last_used_at IS NULL OR last_used_at < $3)
)
SELECT {_COLUMNS} FROM token WHERE digest = $1
"""  # noqa: S608 - no input in it

_INSERT = f"""
INSERT INTO token (id, digest, name, scopes, assets, created_at, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
RETURNING {_COLUMNS}
"""  # noqa: S608 - no input in it

_ENSURE = """
INSERT INTO token (id, digest, name, scopes, assets, created_at)
VALUES ($1, $2, $3, $4, '{}', $5)
ON CONFLICT (digest) DO UPDATE
SET scopes = excluded.scopes, assets = excluded.assets, expires_at = NULL, revoked_at = NULL
"""

_REVOKE = f"""
UPDATE token SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING {_COLUMNS}
"""  # noqa: S608 - no input in it

_LIST = f"""
SELECT {_COLUMNS} FROM token
WHERE ($1::uuid IS NULL OR id < $1) AND ($3 OR revoked_at IS NULL)
ORDER BY id DESC LIMIT $2
"""  # noqa: S608 - no input in it


async def use(tx: Tx, digest: str, *, now: datetime) -> Token | None:
    """Return the token with this digest, good or not, and note that it was used."""
    row = await tx.fetchrow(_USE, digest, now, now - _USE_NOTED_EVERY)
    return None if row is None else _token(row)


async def insert(
    tx: Tx,
    *,
    token_id: UUID,
    digest: str,
    name: str,
    scopes: list[str],
    assets: list[str],
    created_at: datetime,
    created_by: str,
    expires_at: datetime | None,
) -> Token | None:
    """Store a new token; None when an unrevoked one already has the name."""
    row = await tx.fetchrow(_INSERT, token_id, digest, name, scopes, assets, created_at, created_by, expires_at)
    return None if row is None else _token(row)


async def ensure(tx: Tx, *, token_id: UUID, digest: str, name: str, scopes: list[str], now: datetime) -> None:
    """Make sure that a token with this digest is there and good."""
    await tx.execute(_ENSURE, token_id, digest, name, scopes, now)


async def revoke(tx: Tx, token_id: UUID, *, now: datetime) -> Token | None:
    """Revoke the token; it stays in the list. None when there is none."""
    row = await tx.fetchrow(_REVOKE, token_id, now)
    return None if row is None else _token(row)


async def page(tx: Tx, *, before: UUID | None, limit: int, with_revoked: bool) -> list[Token]:
    """Return up to `limit` tokens, newest first, made before the one of the id `before`."""
    return [_token(row) for row in await tx.fetch(_LIST, before, limit, with_revoked)]


def _token(row: Record) -> Token:
    values = dict(row.items())
    return Token(**{**values, "scopes": tuple(values["scopes"]), "assets": tuple(values["assets"])})
