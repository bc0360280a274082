"""FastStream's subscribers for a subscription: per stream some that read what is new, and one that takes over."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.subscriber.usecases import StreamSubscriber
from redis.exceptions import ResponseError

from sluice_shared.bus.client import COMMAND_TIMEOUT, REDIS_ERRORS, StreamClient, describe, is_group_missing
from sluice_shared.bus.delivery import Subscription
from sluice_shared.bus.groups import Reader, ensure_group
from sluice_shared.bus.subscriber import Subscriber
from sluice_shared.bus.wire import unpack
from sluice_shared.logging import get_logger

_BLOCK = 1000
"""Milliseconds that one XREADGROUP waits. It returns as soon as something is there, so this costs no latency."""
_FETCH_TIMEOUT = 15.0
"""Seconds after which a server that went silent is asked again, over a new connection; above all waits of a fetch."""
_LONGEST_CHECK = 5000
"""Milliseconds between two looks through the pending messages at most."""
_TAKE_OVER_CHECKS = 15
"""How often within ``claim_after`` the pending messages are looked through."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0

log = get_logger(__name__)


def readers_needed(subscription: Subscription, partitions: int) -> int:
    """How many connections block or poll for this subscription."""
    return partitions * (subscription.max_at_once + 1)


def add_readers(
    broker: RedisBroker, client: StreamClient, subscriber: Subscriber, *, consumer: str, partitions: int
) -> list[Reader]:
    """Register the subscription's readers at the broker, each under a consumer name of its own."""
    subscription = subscriber.subscription
    claim_after = int(subscription.topic.claim_after.total_seconds() * 1000)
    readers = []
    for stream in subscription.topic.streams(partitions):
        for number in range(subscription.max_at_once):
            name = f"{consumer}.{number}"
            new = StreamSub(stream, group=subscription.group, consumer=name, max_records=1, polling_interval=_BLOCK)
            readers.append(_add(broker, client, new, subscriber.receiver(name, takes_over=False)))
        name = f"{consumer}.takeover"
        pending = StreamSub(
            stream,
            group=subscription.group,
            consumer=name,
            min_idle_time=claim_after,
            polling_interval=min(max(claim_after // _TAKE_OVER_CHECKS, 1), _LONGEST_CHECK),
        )
        readers.append(_add(broker, client, pending, subscriber.receiver(name, takes_over=True)))
    return readers


def _add(
    broker: RedisBroker, client: StreamClient, stream: StreamSub[Any], receive: Callable[[Any], Awaitable[None]]
) -> Reader:
    # Acknowledging is the subscriber's own: FastStream neither deletes what it acknowledges, nor does its "nack" do
    # anything on a stream.
    subscriber = broker.subscriber(
        stream=stream, ack_policy=AckPolicy.MANUAL, no_reply=True, parser=_parse, decoder=_whole_message
    )
    if not isinstance(subscriber, StreamSubscriber):
        raise TypeError(f"FastStream gave a {type(subscriber).__name__} to read a stream")
    subscriber(receive)
    reader = Reader(subscriber, stream.name, stream.group or "")
    _read_on(reader, client)
    return reader


async def _parse(raw: Mapping[str, Any]) -> StreamMessage[Any]:
    body, headers = unpack(raw["data"])
    message_id = raw["message_ids"][0].decode()
    return StreamMessage(
        raw,
        body,
        headers=headers,
        message_id=message_id,
        correlation_id=headers.get("correlation_id", message_id),
    )


async def _whole_message(message: StreamMessage[Any]) -> StreamMessage[Any]:
    return message


def _read_on(reader: Reader, client: StreamClient) -> None:
    """Let no failure of a read reach FastStream's loop.

    By itself it stops for good when the group is gone, spins on any other refusal of the server (a replica after a
    failover, a full disk), and sleeps five seconds when the connection breaks.
    """
    read = reader.subscriber._get_msgs  # noqa: SLF001 - the one seam between FastStream's loop and its reads
    pause = 0.0

    async def read_on(fetch: Callable[[str], Awaitable[Any]]) -> None:
        nonlocal pause

        async def fetch_in_time(last_id: str) -> Any:
            async with asyncio.timeout(_FETCH_TIMEOUT):
                return await fetch(last_id)

        try:
            await read(fetch_in_time)
        except REDIS_ERRORS as error:
            if isinstance(error, ResponseError) and is_group_missing(error) and await _heal(reader, client):
                return
            if not pause:
                log.warning("stream cannot be read", stream=reader.stream, group=reader.group, error=describe(error))
            pause = min(pause * 2 or _FIRST_PAUSE, _LONGEST_PAUSE)
            await asyncio.sleep(pause)
        else:
            if pause:
                log.info("stream is read again", stream=reader.stream, group=reader.group)
            pause = 0.0

    reader.subscriber._get_msgs = read_on  # type: ignore[assignment, method-assign]  # noqa: SLF001 - the same


async def _heal(reader: Reader, client: StreamClient) -> bool:
    try:
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await ensure_group(client, reader.stream, reader.group)
    except REDIS_ERRORS:
        return False
    log.warning("group was gone and has been created again", stream=reader.stream, group=reader.group)
    return True
