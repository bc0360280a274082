"""A service's database: its pool of connections, its schema and its transactions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import orjson
from sqlalchemy import NullPool, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from sluice_shared.db.dialect import DIALECT_URL
from sluice_shared.db.driver import CheckedConnection
from sluice_shared.db.failures import CONNECT_ERRORS, connect_failure, translate
from sluice_shared.db.migrations import upgrade
from sluice_shared.db.retry import ATTEMPTS, repeat
from sluice_shared.db.tx import Tx
from sluice_shared.db.url import driver_url
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# All in seconds.
_CONNECT_TIMEOUT = 10.0
_POOL_TIMEOUT = 10.0
_POOL_RECYCLE = 1800
_IDLE_IN_TRANSACTION = 120.0
_ANSWER_MARGIN = 10.0
_ROLLBACK_TIMEOUT = 5.0


class Database:
    """PostgreSQL as one service sees it: everything unqualified is in its `schema`, then in `public` (extensions).

    `url` is a PostgreSQL URL as libpq takes it; `statement_timeout` and `lock_timeout` are seconds, enforced by the
    server. Nothing is connected before the first use. Raises ValueError for a URL or schema name that cannot be.
    """

    def __init__(
        self,
        url: str,
        schema: str,
        *,
        pool_size: int = 8,
        statement_timeout: float = 60.0,
        lock_timeout: float = 15.0,
        application_name: str = "",
    ) -> None:
        if not _SCHEMA.fullmatch(schema):
            raise ValueError(f"{schema!r} is no schema name: use lower-case letters, digits and _.")
        self.schema = schema
        self._dsn = driver_url(url)
        self._application_name = application_name or f"sluice-{schema}"
        self._lock_timeout = lock_timeout
        self._engine = self._create_engine(
            statement_timeout,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=_POOL_TIMEOUT,
            pool_recycle=_POOL_RECYCLE,
            pool_pre_ping=True,
        )

    async def start(self) -> None:
        """Connect once, to see that it can be done; raises Unavailable."""
        await self.ping()

    async def stop(self) -> None:
        """Close all connections of the pool."""
        await self._engine.dispose()

    async def migrate(self, migrations: Path) -> None:
        """Create the schema if it is missing and bring it to the newest revision in `migrations/versions`.

        Replicas that start together take turns under an advisory lock, and the later ones find nothing left to do. A
        schema that is already newer than this program is left as it is. Raises Unavailable, or what a migration raises.
        """
        engine = self._create_engine(0, poolclass=NullPool)
        try:
            async with self._connection(engine) as connection:
                await upgrade(connection, self.schema, migrations)
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Ask the server for a sign of life; raises Unavailable."""
        async with self.transaction(read_only=True) as tx:
            await tx.fetchval("SELECT 1")

    def transaction(self, *, read_only: bool = False) -> AbstractAsyncContextManager[Tx]:
        """Begin a transaction that is committed at the block's end and rolled back when the block raises.

        READ COMMITTED. Raises Unavailable when no connection can be had or it breaks; when that is during COMMIT, the
        transaction may have taken place.
        """
        return self._transaction(read_only)

    async def run(self, work: Callable[[Tx], Awaitable[T]], attempts: int = ATTEMPTS) -> T:
        """Await `work` in a transaction, and again in a new one after a deadlock or a lost connection.

        `work` must be idempotent: see `retry_transient`. Raises Unavailable after `attempts` in all.
        """

        async def once() -> T:
            async with self.transaction() as tx:
                return await work(tx)

        return await repeat(once, attempts)

    @asynccontextmanager
    async def _transaction(self, read_only: bool) -> AsyncIterator[Tx]:
        options = {"postgresql_readonly": True} if read_only else {}
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            try:
                connection = await session.connection(execution_options=options)
            except CONNECT_ERRORS as error:
                raise connect_failure(error) from error
            raw = await connection.get_raw_connection()
            tx = Tx(session, connection, raw.driver_connection, self.schema, read_only=read_only)
            try:
                yield tx
                await session.commit()
            except BaseException:
                await _roll_back(session)
                raise
        await tx.run_callbacks()

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine) -> AsyncIterator[Any]:
        connection = engine.connect()
        try:
            await connection.start()
        except CONNECT_ERRORS as error:
            raise connect_failure(error) from error
        try:
            yield connection
        finally:
            await connection.close()

    def _create_engine(self, statement_timeout: float, **pool: Any) -> AsyncEngine:
        """Build an engine; a `statement_timeout` of 0 is none."""
        settings = {
            "application_name": self._application_name,
            "search_path": f'"{self.schema}", public',
            "statement_timeout": _milliseconds(statement_timeout),
            "lock_timeout": _milliseconds(self._lock_timeout),
            # A process that hangs inside a transaction must not hold its locks for ever.
            "idle_in_transaction_session_timeout": _milliseconds(_IDLE_IN_TRANSACTION),
            # It takes longer than our set-based statements run, and fires on misjudged unnest() sizes.
            "jit": "off",
            "timezone": "UTC",
        }

        async def connect() -> Any:
            return await asyncpg.connect(
                self._dsn,
                connection_class=CheckedConnection,
                timeout=_CONNECT_TIMEOUT,
                # The server ends a statement first; this is for a server or a network that fell silent.
                command_timeout=statement_timeout + _ANSWER_MARGIN if statement_timeout else None,
                server_settings=settings,
            )

        engine = create_async_engine(
            DIALECT_URL,
            async_creator=connect,
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
            # A statement's parameters may hold secrets, and errors are logged.
            hide_parameters=True,
            **pool,
        )
        event.listen(engine.sync_engine, "handle_error", translate)
        return engine


async def _roll_back(session: AsyncSession) -> None:
    """Roll back if that can still be done; a failure here may not take the place of the reason for it."""
    try:
        async with asyncio.timeout(_ROLLBACK_TIMEOUT):
            await session.rollback()
    except (Unavailable, SQLAlchemyError, TimeoutError) as error:
        # SQLAlchemy has dropped the connection, so the server will roll back.
        log.warning("transaction could not be rolled back", reason=str(error) or "no answer")


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()
