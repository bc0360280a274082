"""What the tests of the bus share: topics that age fast, buses that are stopped, handlers that remember."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

from redis.asyncio import Redis

from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import Event
from sluice_shared.contracts.topics import Topic

GROUP = "readers"
CLAIM_AFTER = 0.45
_numbers = count(1)


class Noted(Event):
    number: int
    text: str = ""


def make_topic(name: str = "notes", *, groups: tuple[str, ...] = (GROUP,), delivery_cap: int = 3) -> Topic:
    return Topic(
        name=name,
        event=Noted,
        producers=("tests",),
        groups=groups,
        partition_key="asset",
        summary="Events of the tests",
        delivery_cap=delivery_cap,
        claim_after=timedelta(seconds=CLAIM_AFTER),
    )


def make_bus(url: str, *, partitions: int = 1) -> Bus:
    return Bus(url, service="tests", consumer=f"consumer-{next(_numbers)}", partitions=partitions)


@asynccontextmanager
async def started(bus: Bus) -> AsyncIterator[Bus]:
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop(grace=0.2)


class Remembering:
    """A handler that keeps what it was given."""

    def __init__(self, then: Callable[[Noted, Delivery], None] | None = None) -> None:
        self.events: list[Noted] = []
        self.deliveries: list[Delivery] = []
        self._then = then

    async def __call__(self, event: Noted, delivery: Delivery) -> None:
        self.events.append(event)
        self.deliveries.append(delivery)
        if self._then:
            self._then(event, delivery)

    @property
    def numbers(self) -> list[int]:
        return [event.number for event in self.events]


async def until(condition: Callable[[], bool], within: float = 5.0) -> float:
    """Wait until the condition holds; fail when it does not within the seconds. Return how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, "what was waited for did not happen"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def until_empty(redis: Redis, stream: str, within: float = 5.0) -> None:
    """Wait until the stream holds nothing and nothing of it is pending."""
    began = time.monotonic()
    while await redis.xlen(stream) or (await redis.xpending(stream, GROUP))["pending"]:
        assert time.monotonic() - began < within, f"{stream} does not become empty"
        await asyncio.sleep(0.02)
