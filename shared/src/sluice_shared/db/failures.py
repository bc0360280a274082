"""What a failure of PostgreSQL means: the server is away, the work is worth repeating at once, or neither.

Codes are those of PostgreSQL's appendix A, "PostgreSQL Error Codes".
"""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException
from sqlalchemy.exc import TimeoutError as PoolExhausted

from sluice_shared.errors import Unavailable

DRIVER_ERRORS: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
CONNECT_ERRORS: tuple[type[Exception], ...] = (*DRIVER_ERRORS, DBAPIError, PoolExhausted)

_READ_ONLY_TRANSACTION = "25006"
_LOCK_NOT_AVAILABLE = "55P03"
_IO_ERROR = "58030"
_CONNECTION_EXCEPTION_CLASS = "08"
_INSUFFICIENT_RESOURCES_CLASS = "53"
_SERVER_GOES_OR_COMES = frozenset({"57P01", "57P02", "57P03", "57P05"})
_REPEATABLE = frozenset({"40001", "40P01"})
_STALE_PLAN: tuple[type[Exception], ...] = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
_DETAIL_LIMIT = 300


class ConnectionLost(Unavailable):
    """The connection is gone or was never had; a new one may be had at once."""

    def __init__(self, detail: str) -> None:
        super().__init__("database", detail)


def as_unavailable(error: BaseException, *, closed: bool = False, read_only: bool = False) -> Unavailable | None:
    """Return what `error`, raised by the driver or SQLAlchemy, says about the server; None when it blames the work.

    `closed` tells that the connection was found closed afterwards, `read_only` that the transaction was meant to be.
    """
    cause = _driver_error(error)
    code = _code(cause)
    if code in _SERVER_GOES_OR_COMES or code.startswith(_CONNECTION_EXCEPTION_CLASS):
        return ConnectionLost(_detail(cause))
    if code == _READ_ONLY_TRANSACTION and not read_only:
        return ConnectionLost("the server has become a read-only standby")
    if code.startswith(_INSUFFICIENT_RESOURCES_CLASS) or code in {_LOCK_NOT_AVAILABLE, _IO_ERROR}:
        return Unavailable("database", _detail(cause))
    if closed or isinstance(cause, ConnectionError | TimeoutError) or _is_out_of_step(cause):
        return ConnectionLost(_detail(cause))
    return None


def connect_failure(error: BaseException) -> Unavailable:
    """Return why no connection could be had; a wrong password may be put right without a restart, too."""
    if isinstance(error, PoolExhausted):
        return Unavailable("database", "every connection of the pool is in use", retry_after=1.0)
    cause = _driver_error(error)
    if not _code(cause) or (known := as_unavailable(cause)) is None:
        return ConnectionLost(_detail(cause))
    return known


def is_transient(error: BaseException) -> bool:
    """Tell whether the same transaction may well succeed when it is run again at once.

    So it is after a deadlock, a serialisation failure, a lost connection, or a migration that changed a table under a
    prepared statement.
    """
    cause = _driver_error(error)
    return isinstance(cause, (ConnectionLost, *_STALE_PLAN)) or _code(cause) in _REPEATABLE


def translate(context: ExceptionContext) -> None:
    """Listen to SQLAlchemy's `handle_error`: raise Unavailable in place of the driver's error where that is meant."""
    error = context.original_exception
    if context.is_pre_ping or not isinstance(error, Exception):
        # The pool replaces the connection by itself; and a cancellation stays one, though it costs the connection.
        return
    failure = as_unavailable(error, closed=context.is_disconnect, read_only=_asked_read_only(context))
    if failure is not None:
        if isinstance(failure, ConnectionLost):
            context.is_disconnect = True
        raise failure from error


def _asked_read_only(context: ExceptionContext) -> bool:
    connection = context.connection
    return connection is not None and bool(connection.get_execution_options().get("postgresql_readonly"))


def _is_out_of_step(error: BaseException) -> bool:
    """Tell whether a server that goes down has said so to an idle connection that it has yet to close.

    The driver then waits for the end of an answer that nobody asked for, and refuses whatever it is asked next.
    """
    return isinstance(error, asyncpg.InternalClientError) and str(error).startswith("cannot switch to state")


def _driver_error(error: BaseException) -> BaseException:
    """Return asyncpg's own error below SQLAlchemy's wrappers."""
    if isinstance(error, DBAPIError | EmulatedDBAPIException):
        return error.driver_exception
    return error


def _code(error: BaseException) -> str:
    return getattr(error, "sqlstate", None) or ""


def _detail(error: BaseException) -> str:
    first_line = str(error).strip().partition("\n")[0]
    return (first_line or type(error).__name__)[:_DETAIL_LIMIT]
