"""asyncpg's connection, with one silence of PostgreSQL's broken."""

from __future__ import annotations

from typing import Any

import asyncpg


class CheckedConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection on which a COMMIT either commits or raises.

    After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and calls that a success. When the failure was
    caught inside the transaction, nobody would learn that nothing was stored.
    """

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 (asyncpg's)
        """Run a script or a statement and return its command tag; raises InFailedSQLTransactionError as said above."""
        tag: str = await super().execute(query, *args, timeout=timeout)
        if tag == "ROLLBACK" and query.startswith("COMMIT"):
            raise asyncpg.InFailedSQLTransactionError(
                "nothing was committed, since a statement had failed and its error was caught inside the transaction: "
                "use a savepoint (session.begin_nested), or let the error end the transaction"
            )
        return tag
