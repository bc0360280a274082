"""Finding out that Redis lost what it held, so that nobody has to wait for his patience to end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sluice_shared.bus.client import COMMAND_TIMEOUT, REDIS_ERRORS, StreamClient, describe
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger

_INTERVAL = 1.0

log = get_logger(__name__)


async def watch_for_loss(
    client: StreamClient, service: str, callbacks: Sequence[Callable[[], Awaitable[None]]]
) -> None:
    """Call the callbacks whenever the service's mark is missing from Redis, then set it; runs until cancelled.

    The mark is set after the callbacks: when the process dies in between, the loss is noticed once more.
    """
    mark = f"sluice:{{kept.{service}}}"
    while callbacks:
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT):
                lost = not await client.exists(mark)
            if lost:
                log.warning("redis is new or has lost what it held; what is due is published again", service=service)
                for callback in callbacks:
                    await callback()
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    await client.set(mark, "1")
        except Unavailable as away:
            log.warning("a loss of redis cannot be made good yet", reason=str(away))
        except REDIS_ERRORS as error:
            log.debug("redis could not be asked for its mark", error=describe(error))
        await asyncio.sleep(_INTERVAL)
