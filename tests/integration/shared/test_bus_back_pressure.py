"""Producers wait for their consumers, a loss of Redis is noticed, and who waits for a poisoned event is told."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from tests.integration.shared.bus_kit import (
    CLAIM_AFTER,
    GROUP,
    Noted,
    Remembering,
    make_bus,
    make_topic,
    started,
    until,
    until_empty,
)

from sluice_shared.bus import Bus, Delivery
from sluice_shared.errors import Reject, Unavailable

TOPIC = make_topic()
STREAM = TOPIC.stream(0)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_a_producer_waits_until_there_is_room_and_no_longer(redis_url: str, redis: Redis) -> None:
    release = asyncio.Event()

    async def wait(_: Noted, __: Delivery) -> None:
        await release.wait()

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, wait)
    async with started(bus):
        for number in range(3):
            await bus.wait_for_room(TOPIC, key="a", below=3)
            await bus.publish(TOPIC, Noted(number=number), key="a")
        waiting = asyncio.create_task(bus.wait_for_room(TOPIC, key="a", below=3))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        release.set()
        await asyncio.wait_for(waiting, 3)
        await until_empty(redis, STREAM)


async def test_whoever_waits_for_room_is_let_go_when_the_bus_stops(redis_url: str) -> None:
    bus = make_bus(redis_url)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        waiting = asyncio.create_task(bus.wait_for_room(TOPIC, key="a", below=1))
        await asyncio.sleep(0.1)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(waiting, 3)


async def test_the_backlog_of_a_topic_is_that_of_its_slowest_group_whoever_asks(redis_url: str) -> None:
    topic = make_topic("several", groups=("quick", "slow"))
    quick = make_bus(redis_url)
    quick.subscribe(topic, "quick", Remembering())
    async with started(quick), started(make_bus(redis_url)) as other:
        assert (await other.backlog(topic)).length == 0
        await other.publish(topic, Noted(number=1), key="a")
        await asyncio.sleep(0.3)
        lag = await other.backlog(topic)
        assert (lag.group, lag.length) == ("slow", 1)
        assert lag.oldest_seconds >= 0.3
        assert (await other.backlog(topic, key="a")).length == 1


async def test_a_loss_is_noticed_once_and_again_until_it_could_be_made_good(redis_url: str, redis: Redis) -> None:
    noticed: list[str] = []

    async def callback() -> None:
        noticed.append("loss")
        if len(noticed) == 1:
            raise Unavailable("database", "away")

    bus = make_bus(redis_url)
    bus.on_loss(callback)
    async with started(bus):
        await until(lambda: len(noticed) == 2)
        await asyncio.sleep(2.2)
        assert len(noticed) == 2
        await redis.flushall()
        await until(lambda: len(noticed) == 3, within=3)
    again = make_bus(redis_url)
    again.on_loss(callback)
    async with started(again):
        await asyncio.sleep(1.5)
    assert len(noticed) == 3, "a restart of the service is no loss"


async def test_who_waits_for_a_poisoned_event_is_told_before_it_is_forgotten(redis_url: str, redis: Redis) -> None:
    told: list[tuple[int, str, str]] = []

    async def tell(event: Noted, reason: str, detail: str) -> None:
        told.append((event.number, reason, detail))
        if len(told) == 1:
            raise Unavailable("redis", "away for a moment")

    def fail(event: Noted, _: Delivery) -> None:
        if event.number == 2:
            raise Reject("unwanted", "nobody needs it")
        raise RuntimeError("never works")

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, Remembering(fail), set_apart=tell)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until_empty(redis, STREAM)
        await bus.publish(TOPIC, Noted(number=2), key="a")
        await bus.publish(TOPIC, b"not json", key="a")
        await until_empty(redis, STREAM)
        reasons = [stored.letter.reason for stored in await bus.dead_letters(TOPIC)]
    assert told[0] == (1, "delivery_cap", "RuntimeError: never works")
    assert [(number, reason) for number, reason, _ in told[1:]] == [(1, "delivery_cap"), (2, "unwanted")]
    assert sorted(reasons) == ["delivery_cap", "undecodable", "unwanted"]


async def test_the_scale_decides_when_a_silent_consumers_event_is_taken_over(redis_url: str, redis: Redis) -> None:
    async with started(make_bus(redis_url)) as producer:
        await producer.publish(TOPIC, Noted(number=1), key="a")
    await redis.xgroup_create(STREAM, GROUP, id="0")
    await redis.xreadgroup(GROUP, "silent", {STREAM: ">"})
    handler = Remembering()
    bus = Bus(redis_url, service="tests", consumer="patient", claim_scale=4)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await asyncio.sleep(CLAIM_AFTER * 2)
        assert handler.events == []
        await until(lambda: handler.numbers == [1], within=CLAIM_AFTER * 4)
