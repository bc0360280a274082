"""Bringing a service's schema to its newest revision, with Alembic's machinery and no `alembic.ini`.

The one `env.py` is in this folder; a service has only `versions/*.py`. The version table is in the service's schema.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sluice_shared.db.tx import lock_key
from sluice_shared.logging import get_logger

log = get_logger(__name__)

_POLL_INTERVAL = 0.1
"""Seconds."""

# Alembic's `op` and `context` are global to the process, so two databases may not be migrated in turns of one loop.
_alembic = threading.Lock()


async def upgrade(connection: AsyncConnection, schema: str, migrations: Path) -> None:
    """Bring `schema` to the head of `migrations/versions` (or of `migrations` itself) over `connection`.

    Each revision is a transaction of its own, so a failed one leaves the earlier ones done. Waits without limit for
    another replica that is at it; the turn ends when the caller closes `connection`.
    """
    versions = migrations / "versions"
    async with _alone_in_process():
        await _wait_for_turn(connection, schema)
        await _ensure_schema(connection, schema)
        await connection.run_sync(_upgrade, schema, versions if versions.is_dir() else migrations)


@asynccontextmanager
async def _alone_in_process() -> AsyncIterator[None]:
    # Polled, because the loops of several threads may wait for it.
    while not _alembic.acquire(blocking=False):  # noqa: ASYNC110
        await asyncio.sleep(_POLL_INTERVAL)
    try:
        yield
    finally:
        _alembic.release()


async def _wait_for_turn(connection: AsyncConnection, schema: str) -> None:
    """Take the schema's advisory lock; it belongs to the session, so it outlives transactions, but not the process."""
    # Polled too: a session that waits inside a statement has a snapshot, for which the holder's CREATE INDEX
    # CONCURRENTLY would wait in turn.
    while not await _scalar(connection, "SELECT pg_try_advisory_lock(:key)", key=lock_key(schema, "migrate")):  # noqa: ASYNC110
        await asyncio.sleep(_POLL_INTERVAL)


async def _ensure_schema(connection: AsyncConnection, schema: str) -> None:
    # Looked up first, since CREATE SCHEMA IF NOT EXISTS needs a right that the owner of a prepared schema may lack.
    if not await _scalar(connection, "SELECT true FROM pg_namespace WHERE nspname = :schema", schema=schema):
        await connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        await connection.commit()


async def _scalar(connection: AsyncConnection, sql: str, **parameters: object) -> object:
    value: object = await connection.scalar(text(sql), parameters)
    await connection.commit()
    return value


def _upgrade(connection: Connection, schema: str, versions: Path) -> None:
    config = Config(attributes={"connection": connection, "schema": schema})
    for option, path in (("script_location", Path(__file__).parent), ("version_locations", versions)):
        config.set_main_option(option, str(path).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")

    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = set(MigrationContext.configure(connection, opts={"version_table_schema": schema}).get_current_heads())
    # Else Alembic takes it for an outer transaction, and commits nothing.
    connection.commit()
    if unknown := current - known:
        # An older replica that starts during or after a rolling upgrade.
        log.warning("schema is newer than this program", schema=schema, revisions=sorted(unknown))
        return
    heads = set(scripts.get_heads())
    command.upgrade(config, "head")
    if heads != current:
        log.info("schema migrated", schema=schema, before=sorted(current), after=sorted(heads))
