"""One transaction: SQLModel's session and plain set-based SQL on the same connection."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, ItemsView, Iterable, Iterator, KeysView, Sequence, ValuesView
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from sluice_shared.db.failures import DRIVER_ERRORS, ConnectionLost, as_unavailable
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class Record(Protocol):
    """A row of a plain-SQL answer (asyncpg's): columns by name or position."""

    def __getitem__(self, column: str | int) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...

    def get(self, column: str, default: Any = None) -> Any:
        """Return the column's value, or `default` when there is no such column."""

    def keys(self) -> KeysView[str]:
        """Return the names of the columns."""

    def values(self) -> ValuesView[Any]:
        """Return the values in the columns' order."""

    def items(self) -> ItemsView[str, Any]:
        """Return pairs of name and value."""


class Tx:
    """What is done in one transaction. Made by `Database.transaction`, which commits or rolls back.

    Used by one task at a time. json and jsonb are `str` in the plain-SQL calls. What waits in the session is flushed
    before each plain-SQL call, so that statements take place in the order in which they are written.

    Besides PostgreSQL's own errors (asyncpg's from plain SQL, SQLAlchemy's from the session) everything raises
    Unavailable when the server is away or a lock was not had in time.
    """

    def __init__(
        self, session: AsyncSession, connection: AsyncConnection, driver: Any, schema: str, *, read_only: bool
    ) -> None:
        self.session = session
        self._read_only = read_only
        self._connection = connection
        self._driver = driver
        self._schema = schema
        self._callbacks: list[Callable[[], Awaitable[None]]] = []

    async def fetch(self, sql: str, *args: Any) -> list[Record]:
        """Return all rows of the answer; its arguments are `$1`, `$2` and so on."""
        rows: list[Record] = await self._call(self._driver.fetch, sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: Any) -> Record | None:
        """Return the first row of the answer, or None."""
        row: Record | None = await self._call(self._driver.fetchrow, sql, *args)
        return row

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""
        return await self._call(self._driver.fetchval, sql, *args)

    async def execute(self, sql: str, *args: Any) -> str:
        """Run a statement, or without arguments a script, and return the command tag, such as `UPDATE 3`."""
        tag: str = await self._call(self._driver.execute, sql, *args)
        return tag

    async def copy(self, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
        """COPY `records` into `table`, which is the service's own or a temporary one, in PostgreSQL's binary format.

        Values must be of the columns' exact types; there is no `ON CONFLICT`.
        """
        await self._call(self._driver.copy_records_to_table, table, columns=list(columns), records=records)

    async def lock(self, *parts: str) -> None:
        """Wait for the lock that these parts name, and hold it until the transaction ends.

        Names are the service's own. Raises Unavailable when it is not had within the lock time-out.
        """
        await self.execute("SELECT pg_advisory_xact_lock($1)", lock_key(self._schema, *parts))

    async def try_lock(self, *parts: str) -> bool:
        """Take the lock that these parts name if nobody else holds it; return whether it is ours now."""
        return bool(await self.fetchval("SELECT pg_try_advisory_xact_lock($1)", lock_key(self._schema, *parts)))

    def after_commit(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Have `callback` called once the transaction is committed, in the order of the calls.

        Its failure is logged, not raised: the rows are there, and whatever it would have done stays due.
        """
        self._callbacks.append(callback)

    async def run_callbacks(self) -> None:
        """Call what `after_commit` was given; for `Database`, after the commit."""
        for callback in self._callbacks:
            try:
                await callback()
            except Exception:
                log.exception("callback after commit failed", callback=repr(callback))

    async def _call(self, method: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        await self._begin()
        try:
            return await method(*args, **kwargs)
        except DRIVER_ERRORS as error:
            failure = as_unavailable(error, closed=self._driver.is_closed(), read_only=self._read_only)
            if isinstance(failure, ConnectionLost):
                # SQLAlchemy saw nothing of it and would put the connection back into the pool.
                await self._connection.invalidate(error)
            if failure is None:
                raise
            raise failure from error

    async def _begin(self) -> None:
        session = self.session
        if session.new or session.dirty or session.deleted:
            await session.flush()
        if session.in_nested_transaction():
            # A savepoint is sent to a connection when the session asks for that connection next.
            await session.connection()
        if not self._driver.is_in_transaction():
            # SQLAlchemy sends BEGIN together with its own first statement only; without one, plain SQL would be
            # committed statement by statement. An empty one takes no snapshot yet.
            await self._connection.exec_driver_sql(";")


def lock_key(*parts: str) -> int:
    """Return the signed 64-bit number by which PostgreSQL knows the advisory lock of these parts."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return int.from_bytes(digest.digest(), "big", signed=True)
