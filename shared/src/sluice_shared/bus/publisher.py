"""Putting events on their streams."""

import asyncio

from faststream.redis import RedisBroker

from sluice_shared.bus.client import answered
from sluice_shared.bus.wire import with_key
from sluice_shared.contracts.events import Event
from sluice_shared.contracts.topics import Topic
from sluice_shared.errors import Unavailable
from sluice_shared.metrics import EVENTS_PUBLISHED
from sluice_shared.tracing import inject

MAX_AT_ONCE = 32
"""Publications under way at a time, each on a connection; more of them wait."""


class Publisher:
    """Publishes through a connected broker."""

    def __init__(self, broker: RedisBroker, partitions: int) -> None:
        self._broker = broker
        self._partitions = partitions
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)

    async def publish(self, topic: Topic, event: Event | bytes, *, key: str) -> None:
        """Append the event, or its JSON as it is, to the stream of the key's partition.

        Raises Unavailable within two seconds when Redis does not take it (it may have taken it all the same), and
        TypeError for an event of another topic.
        """
        if isinstance(event, Event) and not isinstance(event, topic.event):
            raise TypeError(f"{topic.name} carries {topic.event.__name__}, not {type(event).__name__}")
        body = event if isinstance(event, bytes) else event.model_dump_json().encode()
        await self.append(topic, topic.stream_for(key, self._partitions), body, with_key(inject(), key))

    async def append(self, topic: Topic, stream: str, body: bytes, headers: dict[str, str]) -> None:
        """Append an event to this very stream, under these headers. Raises Unavailable."""
        try:
            async with answered(f"publishing on {stream}"), self._slots:
                await self._broker.publish(body, stream=stream, headers=headers)
        except Unavailable:
            EVENTS_PUBLISHED.labels(topic.name, "failed").inc()
            raise
        EVENTS_PUBLISHED.labels(topic.name, "published").inc()
