"""The bus as a service sees it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from faststream.redis import RedisBroker

from sluice_shared.bus.broker import build_broker, close, stream_client
from sluice_shared.bus.client import StreamClient, answered
from sluice_shared.bus.dead_letters import DeadLetters, StoredDeadLetter
from sluice_shared.bus.delivery import Delivery, Subscription
from sluice_shared.bus.groups import Reader, ensure_group, watch
from sluice_shared.bus.housekeeping import keep_house
from sluice_shared.bus.lag import StreamLag, measure, measure_streams
from sluice_shared.bus.loss import watch_for_loss
from sluice_shared.bus.publisher import MAX_AT_ONCE, Publisher
from sluice_shared.bus.reading import add_readers, readers_needed
from sluice_shared.bus.subscriber import Subscriber
from sluice_shared.contracts.events import Event
from sluice_shared.contracts.topics import TOPICS, Topic
from sluice_shared.errors import Unavailable

EventT = TypeVar("EventT", bound=Event)

_START_WITHIN = 15.0
_CANCEL_WITHIN = 2.0
_SPARE_CONNECTIONS = 16
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.1
"""Seconds between two looks for room on a stream."""


@dataclass(frozen=True, slots=True)
class _Running:
    """What exists between start and stop."""

    broker: RedisBroker
    client: StreamClient
    publisher: Publisher
    dead_letters: DeadLetters
    subscribers: Sequence[Subscriber]
    readers: Sequence[Reader]
    background: Sequence[asyncio.Task[None]]


class Bus:
    """Publishes events, and hands them to the handlers of the groups, at least once.

    ``url`` is that of Redis (see :func:`~sluice_shared.bus.broker.build_broker`); ``consumer`` must differ between
    processes. ``partitions`` must be the same in all of them, and so must ``claim_scale``, which multiplies the time
    after which a silent consumer's events are taken over. Methods that ask Redis raise Unavailable within about two
    seconds when it does not answer, and always before ``start``.
    """

    def __init__(self, url: str, *, service: str, consumer: str, partitions: int = 1, claim_scale: float = 1.0) -> None:
        self._url = url
        self._service = service
        self._claim_scale = claim_scale
        self._client_name = f"sluice-{service}"
        self._consumer = consumer
        self._partitions = partitions
        self._subscriptions: list[Subscription] = []
        self._on_loss: list[Callable[[], Awaitable[None]]] = []
        self._stopping = asyncio.Event()
        self._running: _Running | None = None

    def subscribe(
        self,
        topic: Topic,
        group: str,
        handler: Callable[[EventT, Delivery], Awaitable[None]],
        *,
        max_at_once: int = 1,
        set_apart: Callable[[EventT, str, str], Awaitable[None]] | None = None,
    ) -> None:
        """Have a topic's events handed to ``handler``, at most ``max_at_once`` of them at a time; before ``start``.

        ``set_apart`` is told of each event that becomes a dead letter, with reason and detail. Raises ValueError for a
        group that the table of topics does not give to the topic.
        """
        if group not in topic.groups:
            raise ValueError(f"{topic.name} has no group {group!r}; its groups are {', '.join(topic.groups)}")
        if self._running is not None:
            raise RuntimeError("subscribe before the bus is started")
        if self._claim_scale != 1.0:
            topic = replace(topic, claim_after=topic.claim_after * self._claim_scale)
        self._subscriptions.append(Subscription(topic, group, handler, max_at_once, set_apart))

    def on_loss(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Have ``callback`` called when Redis is found to have lost what it held: flushed, or restarted empty.

        That is within about a second of Redis being back, also when this service was not running at the time; once or,
        with several replicas, several times for one loss. It may raise Unavailable, and is then called again.
        """
        self._on_loss.append(callback)

    async def start(self) -> None:
        """Create the groups and begin to read. Raises Unavailable, after which it can be tried again."""
        if self._running is not None:
            return
        self._stopping = asyncio.Event()
        reading = sum(readers_needed(subscription, self._partitions) for subscription in self._subscriptions)
        broker = build_broker(
            self._url,
            client_name=self._client_name,
            # A reader may at the same time block, renew a claim, and settle another message's.
            max_connections=3 * reading + MAX_AT_ONCE + _SPARE_CONNECTIONS,
        )
        try:
            async with answered("starting the bus", _START_WITHIN):
                self._running = await self._start(broker)
        except BaseException:
            await close(broker)
            raise

    async def stop(self, grace: float) -> None:
        """Take nothing more, give the handlers at work ``grace`` seconds to finish, and hand back what is left."""
        if self._running is None:
            return
        running, self._running = self._running, None
        self._stopping.set()
        # First, so that no reader is started again.
        await _end(running.background)
        busy = {task for subscriber in running.subscribers for task in subscriber.busy}
        reading = {task for reader in running.readers for task in reader.subscriber.tasks}
        for reader in running.readers:
            reader.subscriber.running = False
        await _finish(busy, grace, reading - busy)
        await close(running.broker)

    async def publish(self, topic: Topic, event: Event | bytes, *, key: str) -> None:
        """Put the event, or its JSON as it is, on the stream of the key's partition. Raises Unavailable."""
        await self._started().publisher.publish(topic, event, key=key)

    async def ping(self) -> None:
        """Raise Unavailable unless Redis answers."""
        client = self._started().client
        async with answered("ping"):
            await client.ping()

    async def lag(self) -> list[StreamLag]:
        """How far the subscribed groups are behind, or all groups when nothing is subscribed. Raises Unavailable."""
        client = self._started().client
        pairs = [(subscription.topic, subscription.group) for subscription in self._subscriptions]
        async with answered("measuring the streams"):
            return [
                await measure(client, topic, group, self._partitions)
                for topic, group in pairs or [(topic, group) for topic in TOPICS for group in topic.groups]
            ]

    async def backlog(self, topic: Topic, *, key: str | None = None) -> StreamLag:
        """How far the groups of a topic are behind, whoever serves them; of the key's partition only, given a key.

        Raises Unavailable.
        """
        client = self._started().client
        streams = topic.streams(self._partitions) if key is None else [topic.stream_for(key, self._partitions)]
        async with answered("measuring a stream"):
            return await measure_streams(client, topic, topic.groups, streams)

    async def wait_for_room(self, topic: Topic, *, key: str, below: int) -> None:
        """Return once fewer than ``below`` events wait or are in hand in the key's partition.

        So a producer that is faster than its consumers waits for them, and streams stay bounded without losing
        anything. Raises Unavailable, also when the bus is stopped meanwhile.
        """
        pause = _FIRST_PAUSE
        while True:
            client = self._started().client
            async with answered("looking for room on a stream"):
                length = await client.xlen(topic.stream_for(key, self._partitions))
            if length < below:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def dead_letters(self, topic: Topic | None = None, limit: int = 100) -> list[StoredDeadLetter]:
        """Return the newest dead letters, of one topic or of all, newest first. Raises Unavailable."""
        return await self._started().dead_letters.newest([topic] if topic else TOPICS, limit)

    async def dead_letter(self, topic: Topic, id: str) -> StoredDeadLetter:  # noqa: A002 - a dead letter's id is called so
        """Return one dead letter. Raises DeadLetterMissingError or Unavailable."""
        return await self._started().dead_letters.one(topic, id)

    async def replay(self, topic: Topic, id: str) -> None:  # noqa: A002 - a dead letter's id is called so
        """Publish the event of a dead letter again, and forget it. Raises DeadLetterMissingError or Unavailable."""
        await self._started().dead_letters.replay(topic, id)

    async def drop(self, topic: Topic, id: str) -> None:  # noqa: A002 - the same
        """Forget a dead letter. Raises DeadLetterMissingError or Unavailable."""
        await self._started().dead_letters.drop(topic, id)

    def _started(self) -> _Running:
        if self._running is None:
            raise Unavailable("redis", "the bus has not been started")
        return self._running

    async def _start(self, broker: RedisBroker) -> _Running:
        await broker.connect()
        client = stream_client(broker)
        await client.ping()
        publisher = Publisher(broker, self._partitions)
        dead_letters = DeadLetters(broker, client, publisher, self._partitions)
        subscribers = [
            Subscriber(subscription, client, dead_letters, self._stopping) for subscription in self._subscriptions
        ]
        readers = [
            reader
            for subscriber in subscribers
            for reader in add_readers(broker, client, subscriber, consumer=self._consumer, partitions=self._partitions)
        ]
        for reader in readers:
            await ensure_group(client, reader.stream, reader.group)
        await broker.start()
        background = [
            asyncio.create_task(watch(client, readers)),
            asyncio.create_task(keep_house(client, self._subscriptions, self._partitions)),
            asyncio.create_task(watch_for_loss(client, self._service, self._on_loss)),
        ]
        return _Running(broker, client, publisher, dead_letters, subscribers, readers, background)


async def _finish(busy: set[asyncio.Task[Any]], grace: float, idle: set[asyncio.Task[Any]]) -> None:
    """End the idle readers at once, and those at work after ``grace`` seconds."""
    await _end(idle)
    if busy:
        await asyncio.wait(busy, timeout=grace)
    await _end(task for task in busy if not task.done())


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks, and wait a moment for what they do on their way out."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending, timeout=_CANCEL_WITHIN)
