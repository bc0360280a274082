"""Running a transaction again when it failed for a reason that passes by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar, overload

from sluice_shared.db.failures import connect_failure, is_transient
from sluice_shared.errors import Unavailable
from sluice_shared.sweeper import backoff

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 5
_BASE = 0.05
_CAP = 1.0
_JITTER = 0.5
"""Seconds; half of it is chance, so that two that dead-locked do not meet again."""


@overload
def retry_transient(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]: ...
@overload
def retry_transient(
    *, attempts: int = ATTEMPTS
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]: ...
def retry_transient(
    function: Callable[P, Awaitable[R]] | None = None, *, attempts: int = ATTEMPTS
) -> Callable[P, Awaitable[R]] | Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Call an async function again after a deadlock, a serialisation failure or a lost connection.

    The function is to open its own transaction, and to be idempotent: when the connection breaks during COMMIT, nobody
    can tell whether it took place. After `attempts` calls in all it raises Unavailable.
    """

    def decorate(repeated: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @wraps(repeated)
        async def call(*args: P.args, **kwargs: P.kwargs) -> R:
            return await repeat(lambda: repeated(*args, **kwargs), attempts)

        return call

    return decorate if function is None else decorate(function)


async def repeat(work: Callable[[], Awaitable[R]], attempts: int) -> R:
    """Await `work()` up to `attempts` times while its failure is transient; see `retry_transient`."""
    attempt = 1
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_transient(error):
                raise
            if attempt >= attempts:
                raise _given_up(error, attempts) from error
        await asyncio.sleep(backoff(attempt, base=_BASE, cap=_CAP, jitter=_JITTER))
        attempt += 1


def _given_up(error: Exception, attempts: int) -> Unavailable:
    last = error if isinstance(error, Unavailable) else connect_failure(error)
    return Unavailable("database", f"{last.detail} (after {attempts} attempts)", last.retry_after)
