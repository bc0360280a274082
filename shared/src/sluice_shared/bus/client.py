"""The Redis commands that the bus uses, and what their failures mean."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from redis.exceptions import RedisError, ResponseError

from sluice_shared.errors import Unavailable

ANSWER_WITHIN = 2.0
"""Seconds after which Redis counts as away for somebody who waits for its answer."""

COMMAND_TIMEOUT = 5.0
"""Seconds after which a consumer gives up a command, or a try to read again."""

REDIS_ERRORS = (RedisError, OSError, TimeoutError)

Entry = tuple[bytes, dict[bytes, bytes]]


class StreamPipeline(Protocol):
    """Commands on one stream that are done together."""

    def xack(self, name: str, groupname: str, *ids: str) -> Any: ...  # noqa: D102
    def xdel(self, name: str, *ids: str) -> Any: ...  # noqa: D102
    async def execute(self) -> list[Any]: ...  # noqa: D102


class StreamClient(Protocol):
    """What single, replicated and clustered Redis clients have in common, typed; redis-py's own hints are unions."""

    async def ping(self) -> Any: ...  # noqa: D102
    async def exists(self, name: str) -> int: ...  # noqa: D102
    async def set(self, name: str, value: str) -> Any: ...  # noqa: D102
    async def xlen(self, name: str) -> int: ...  # noqa: D102
    async def xdel(self, name: str, *ids: str) -> int: ...  # noqa: D102
    async def xack(self, name: str, groupname: str, *ids: str) -> int: ...  # noqa: D102
    async def xrange(self, name: str, min: str, max: str, count: int) -> list[Entry]: ...  # noqa: A002, D102
    async def xrevrange(self, name: str, max: str, min: str, count: int) -> list[Entry]: ...  # noqa: A002, D102
    async def xgroup_create(self, name: str, groupname: str, id: str, *, mkstream: bool) -> Any: ...  # noqa: A002, D102
    async def xgroup_delconsumer(self, name: str, groupname: str, consumername: str) -> int: ...  # noqa: D102
    async def xinfo_groups(self, name: str) -> list[dict[str, Any]]: ...  # noqa: D102
    async def xinfo_consumers(self, name: str, groupname: str) -> list[dict[str, Any]]: ...  # noqa: D102
    async def xpending(self, name: str, groupname: str) -> dict[str, Any]: ...  # noqa: D102
    async def xpending_range(  # noqa: D102
        self,
        name: str,
        groupname: str,
        min: str,  # noqa: A002
        max: str,  # noqa: A002
        count: int,
    ) -> list[dict[str, Any]]: ...
    async def xclaim(  # noqa: D102
        self,
        name: str,
        groupname: str,
        consumername: str,
        min_idle_time: int,
        message_ids: Sequence[str],
        *,
        idle: int | None = None,
        retrycount: int | None = None,
        justid: bool = False,
    ) -> Any: ...
    async def xtrim(self, name: str, *, minid: str, approximate: bool) -> int: ...  # noqa: D102
    def pipeline(self, transaction: bool) -> StreamPipeline: ...  # noqa: D102
    def set_response_callback(self, command: str, callback: Any) -> None: ...  # noqa: D102


@asynccontextmanager
async def answered(what: str, within: float = ANSWER_WITHIN) -> AsyncIterator[None]:
    """Turn every failure of Redis inside, silence for ``within`` seconds included, into Unavailable."""
    try:
        async with asyncio.timeout(within):
            yield
    except REDIS_ERRORS as error:
        raise Unavailable("redis", f"{what}: {describe(error)}") from error


def describe(error: BaseException) -> str:
    """Return the error in one line; a timeout has no text of its own."""
    return str(error) or type(error).__name__


def is_group_missing(error: ResponseError) -> bool:
    """Whether the stream or its group is gone, as after FLUSHALL; Redis 7 has another word for those that wait."""
    return str(error).startswith(("NOGROUP", "UNBLOCKED"))


def is_stream_missing(error: ResponseError) -> bool:
    """Whether XINFO found no such stream."""
    return "no such key" in str(error)
