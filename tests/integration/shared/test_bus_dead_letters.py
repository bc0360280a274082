"""Events that cannot be handled are set apart, shown, and can be tried again."""

import base64
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from tests.integration.shared.bus_kit import (
    GROUP,
    Noted,
    Remembering,
    make_bus,
    make_topic,
    started,
    until,
    until_empty,
)

from sluice_shared.bus import DeadLetterMissingError, Delivery
from sluice_shared.errors import Reject

TOPIC = make_topic()
STREAM = TOPIC.stream(0)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_an_event_that_fails_every_time_is_set_apart_at_the_cap(redis_url: str, redis: Redis) -> None:
    def fail(_: Noted, __: Delivery) -> None:
        raise RuntimeError("never works")

    handler, bus = Remembering(fail), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: len(handler.events) == TOPIC.delivery_cap)
        await until_empty(redis, STREAM)
        [stored] = await bus.dead_letters(TOPIC)
    assert [delivery.attempt for delivery in handler.deliveries] == [1, 2, 3]
    letter = stored.letter
    assert (letter.topic, letter.group, letter.reason, letter.attempts) == ("notes", GROUP, "delivery_cap", 3)
    assert letter.detail == "RuntimeError: never works"
    assert letter.message_id == handler.deliveries[0].message_id
    assert letter.payload == Noted(number=1).model_dump_json()


async def test_an_event_that_killed_its_consumers_is_set_apart_without_being_handed_out_again(
    redis_url: str, redis: Redis
) -> None:
    async with started(make_bus(redis_url)) as producer:
        await producer.publish(TOPIC, Noted(number=1), key="a")
    await redis.xgroup_create(STREAM, GROUP, id="0")
    [[_, [(message_id, _)]]] = await redis.xreadgroup(GROUP, "killed", {STREAM: ">"})
    await redis.xclaim(STREAM, GROUP, "killed", 0, [message_id], retrycount=TOPIC.delivery_cap)

    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await until_empty(redis, STREAM)
        [stored] = await bus.dead_letters(TOPIC)
    assert handler.events == []
    assert stored.letter.reason == "delivery_cap"


async def test_a_rejected_event_is_set_apart_at_once(redis_url: str, redis: Redis) -> None:
    def reject(_: Noted, __: Delivery) -> None:
        raise Reject("too_old", "it is from last year")

    handler, bus = Remembering(reject), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: bool(handler.events))
        await until_empty(redis, STREAM)
        [stored] = await bus.dead_letters(TOPIC)
    assert len(handler.events) == 1
    assert (stored.letter.reason, stored.letter.detail, stored.letter.attempts) == (
        "too_old",
        "it is from last year",
        1,
    )


@pytest.mark.parametrize("body", [b'{"number": "secret-text"}', b"not json", b"\xff\xfe\x00", b""])
async def test_what_cannot_be_decoded_is_set_apart_whole_and_its_values_are_not_in_the_detail(
    redis_url: str, redis: Redis, body: bytes
) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, body, key="a")
        await until_empty(redis, STREAM)
        [stored] = await bus.dead_letters(TOPIC)
    assert handler.events == []
    letter = stored.letter
    assert letter.reason == "undecodable"
    assert "secret-text" not in letter.detail
    encoded = letter.headers.get("encoding") == "base64"
    assert (base64.b64decode(letter.payload) if encoded else letter.payload.encode()) == body


@pytest.mark.parametrize("fields", [{"raw": "x"}, {b"\xff": b"\xfe"}, {"__data__": '{"data": "{}", "headers": [1]}'}])
async def test_an_entry_that_is_no_envelope_is_set_apart(
    redis_url: str, redis: Redis, fields: dict[bytes | str, bytes | str]
) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await redis.xadd(STREAM, fields)
        await until_empty(redis, STREAM)
        [stored] = await bus.dead_letters(TOPIC)
    assert stored.letter.reason == "undecodable"


async def test_a_replayed_event_is_handled_under_its_key_and_trace_and_leaves_the_dead_letters(
    redis_url: str, redis: Redis
) -> None:
    broken = True

    def fail_while_broken(_: Noted, __: Delivery) -> None:
        if broken:
            raise Reject("broken", "a bug, by now repaired")

    handler, bus = Remembering(fail_while_broken), make_bus(redis_url, partitions=4)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="größe")
        stream = TOPIC.stream_for("größe", 4)
        await until(lambda: bool(handler.events))
        await until_empty(redis, stream)
        broken = False
        [stored] = await bus.dead_letters(TOPIC)
        assert stored.letter.headers["stream"] == stream
        await bus.replay(TOPIC, stored.id)
        await until(lambda: len(handler.events) == 2)
        assert await bus.dead_letters(TOPIC) == []
        with pytest.raises(DeadLetterMissingError):
            await bus.replay(TOPIC, stored.id)
    first, again = handler.deliveries
    assert again.attempt == 1
    assert (again.headers["key"], again.headers.get("traceparent")) == (
        first.headers["key"],
        first.headers.get("traceparent"),
    )
    assert "stream" not in again.headers
    assert handler.events[0] == handler.events[1]


async def test_a_replay_brings_back_bytes_that_are_no_text(redis_url: str) -> None:
    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, Remembering())
    async with started(bus):
        await bus.publish(TOPIC, b"\xff\x00", key="a")
        letters = []
        while not letters:
            letters = await bus.dead_letters(TOPIC)
        await bus.replay(TOPIC, letters[0].id)
        again = letters
        while not again or again[0].id == letters[0].id:
            again = await bus.dead_letters(TOPIC)
    assert again[0].letter.payload == letters[0].letter.payload == base64.b64encode(b"\xff\x00").decode()


async def test_a_dropped_dead_letter_is_gone(redis_url: str, redis: Redis) -> None:
    def reject(_: Noted, __: Delivery) -> None:
        raise Reject("unwanted", "nobody needs it")

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, Remembering(reject))
    async with started(bus):
        for number in range(3):
            await bus.publish(TOPIC, Noted(number=number), key="a")
        await until_empty(redis, STREAM)
        newest, middle, oldest = await bus.dead_letters(TOPIC)
        await bus.drop(TOPIC, middle.id)
        assert await bus.dead_letters(TOPIC) == [newest, oldest]
        assert await bus.dead_letters(TOPIC, limit=1) == [newest]
        with pytest.raises(DeadLetterMissingError):
            await bus.drop(TOPIC, middle.id)
