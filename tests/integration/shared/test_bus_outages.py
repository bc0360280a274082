"""The bus goes on after Redis was flushed, restarted, frozen or away."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

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

from sluice_shared.bus import Delivery
from sluice_shared.embedded import EmbeddedRedis, free_port
from sluice_shared.errors import Unavailable

TOPIC = make_topic()
STREAM = TOPIC.stream(0)


@pytest.fixture
def server(server_folder: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(server_folder / "outages") as server:
        yield server


async def test_after_a_flush_new_events_are_delivered_within_three_seconds(redis_url: str) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler, max_at_once=2)
    async with started(bus), Redis.from_url(redis_url) as redis:
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: handler.numbers == [1])
        for number in range(2, 6):
            await redis.flushall()
            await bus.publish(TOPIC, Noted(number=number), key="a")
            await until(lambda number=number: number in handler.numbers, within=3.0)


async def test_a_flush_while_a_handler_works_does_no_harm(redis_url: str) -> None:
    began, release = [], asyncio.Event()

    async def held(event: Noted, _: Delivery) -> None:
        began.append(event.number)
        if event.number == 1:
            await release.wait()

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, held)
    async with started(bus), Redis.from_url(redis_url) as redis:
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: began == [1])
        await redis.flushall()
        await asyncio.sleep(0.3)
        release.set()
        await bus.publish(TOPIC, Noted(number=2), key="a")
        await until(lambda: began == [1, 2], within=3.0)
        await until_empty(redis, STREAM)


async def test_after_a_restart_events_flow_again_by_themselves(server: EmbeddedRedis) -> None:
    handler, bus = Remembering(), make_bus(server.url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: handler.numbers == [1])
        server.kill()
        await asyncio.sleep(1.5)
        await asyncio.to_thread(server.start)
        await bus.publish(TOPIC, Noted(number=2), key="a")
        await until(lambda: handler.numbers == [1, 2], within=4.0)


async def test_an_event_handled_while_redis_restarted_is_neither_lost_nor_set_apart(server: EmbeddedRedis) -> None:
    began, release = [], asyncio.Event()

    async def held(event: Noted, _: Delivery) -> None:
        began.append(event.number)
        await release.wait()

    bus = make_bus(server.url)
    bus.subscribe(TOPIC, GROUP, held)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: began == [1])
        server.kill()
        release.set()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server.start)
        await bus.publish(TOPIC, Noted(number=2), key="a")
        await until(lambda: began == [1, 2], within=4.0)
        assert await bus.dead_letters(TOPIC) == []


async def test_publishing_to_a_dead_redis_fails_soon_and_says_so(server: EmbeddedRedis) -> None:
    async with started(make_bus(server.url)) as bus:
        server.kill()
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"redis is unavailable: publishing on sluice:\{notes\.0\}"):
            await bus.publish(TOPIC, Noted(number=1), key="a")
        with pytest.raises(Unavailable):
            await bus.ping()
        assert time.monotonic() - began < 3.0


async def test_publishing_to_a_frozen_redis_fails_soon_and_works_again_when_it_thaws(server: EmbeddedRedis) -> None:
    handler, bus = Remembering(), make_bus(server.url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        os.kill(server.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(Unavailable):
                await bus.publish(TOPIC, Noted(number=1), key="a")
            assert time.monotonic() - began < 3.0
        finally:
            os.kill(server.pid, signal.SIGCONT)
        await bus.publish(TOPIC, Noted(number=2), key="a")
        await until(lambda: 2 in handler.numbers, within=4.0)


async def test_starting_without_redis_fails_and_can_be_tried_again() -> None:
    bus = make_bus(f"redis://127.0.0.1:{free_port()}/0")
    bus.subscribe(TOPIC, GROUP, Remembering())
    for _ in range(2):
        with pytest.raises(Unavailable):
            await bus.start()
    with pytest.raises(Unavailable, match="has not been started"):
        await bus.publish(TOPIC, Noted(number=1), key="a")


async def test_a_bus_that_was_stopped_can_be_started_again(redis_url: str) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    for number in (1, 2):
        async with started(bus):
            await bus.publish(TOPIC, Noted(number=number), key="a")
            await until(lambda number=number: number in handler.numbers)


async def test_stopping_while_redis_is_away_does_not_hang(server: EmbeddedRedis) -> None:
    began = []

    async def endless(event: Noted, _: Delivery) -> None:
        began.append(event.number)
        await asyncio.sleep(60)

    bus = make_bus(server.url)
    bus.subscribe(TOPIC, GROUP, endless)
    await bus.start()
    await bus.publish(TOPIC, Noted(number=1), key="a")
    await until(lambda: began == [1])
    server.kill()
    stopping = time.monotonic()
    await bus.stop(grace=0.1)
    assert time.monotonic() - stopping < 5.0
