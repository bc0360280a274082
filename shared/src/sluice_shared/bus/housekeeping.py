"""What a running bus does beside delivering: it measures its lag and tidies up."""

import asyncio
from collections.abc import Sequence

from sluice_shared.bus.client import REDIS_ERRORS, StreamClient, describe
from sluice_shared.bus.delivery import Subscription
from sluice_shared.bus.lag import measure
from sluice_shared.bus.trimming import tidy
from sluice_shared.logging import get_logger
from sluice_shared.metrics import STREAM_LAG, STREAM_OLDEST_SECONDS

_MEASURE_INTERVAL = 5.0
_ROUND_TIMEOUT = 30.0
_TIDY_EVERY = 6
"""Measurings between two tidyings."""

log = get_logger(__name__)


async def keep_house(client: StreamClient, subscriptions: Sequence[Subscription], partitions: int) -> None:
    """Measure and tidy what the subscriptions read; runs until cancelled."""
    rounds = 0
    while True:
        try:
            async with asyncio.timeout(_ROUND_TIMEOUT):
                await _round(client, subscriptions, partitions, tidying=rounds % _TIDY_EVERY == 0)
        except REDIS_ERRORS as error:
            log.debug("streams not measured", error=describe(error))
        rounds += 1
        await asyncio.sleep(_MEASURE_INTERVAL)


async def _round(
    client: StreamClient, subscriptions: Sequence[Subscription], partitions: int, *, tidying: bool
) -> None:
    for subscription in subscriptions:
        await _measure(client, subscription, partitions)
        if tidying:
            await tidy(client, subscription.topic, partitions)


async def _measure(client: StreamClient, subscription: Subscription, partitions: int) -> None:
    lag = await measure(client, subscription.topic, subscription.group, partitions)
    STREAM_LAG.labels(lag.topic, lag.group).set(lag.length)
    STREAM_OLDEST_SECONDS.labels(lag.topic, lag.group).set(lag.oldest_seconds)
