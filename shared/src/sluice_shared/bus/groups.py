"""Consumer groups begin at the stream's beginning, and reading goes on whatever happens to them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from faststream.redis.subscriber.usecases import StreamSubscriber
from redis.exceptions import ResponseError

from sluice_shared.bus.client import COMMAND_TIMEOUT, REDIS_ERRORS, StreamClient, describe
from sluice_shared.logging import get_logger

_WATCH_INTERVAL = 1.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """One subscriber of FastStream on one stream, as one consumer of a group."""

    subscriber: StreamSubscriber
    stream: str
    group: str


async def ensure_group(client: StreamClient, stream: str, group: str) -> None:
    """Create the group, and the stream if need be, so that it is handed all that the stream holds. Idempotent.

    FastStream creates missing groups at the end, which would lose what was published before.
    """
    try:
        await client.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


async def watch(client: StreamClient, readers: Sequence[Reader]) -> None:
    """Start again, within about a second, every reader that FastStream stopped; runs until cancelled."""
    while True:
        await asyncio.sleep(_WATCH_INTERVAL)
        for reader in readers:
            if not is_alive(reader.subscriber):
                await _restart(client, reader)


def is_alive(subscriber: StreamSubscriber) -> bool:
    """Whether it reads: FastStream sets ``running`` back when it stops one, and its task may have ended by itself."""
    return subscriber.running and any(not task.done() for task in subscriber.tasks)


async def _restart(client: StreamClient, reader: Reader) -> None:
    try:
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await reader.subscriber.stop()
            await ensure_group(client, reader.stream, reader.group)
            await reader.subscriber.start()
    except REDIS_ERRORS as error:
        log.warning("reader does not start", stream=reader.stream, group=reader.group, error=describe(error))
    else:
        log.warning("reader was stopped and has been started again", stream=reader.stream, group=reader.group)
