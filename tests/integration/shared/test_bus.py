"""How events are delivered while everything works, or a handler does not."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

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

from sluice_shared.bus import Delivery, trimming
from sluice_shared.contracts.topics import REPORTS
from sluice_shared.errors import Unavailable

TOPIC = make_topic()
STREAM = TOPIC.stream(0)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_what_was_published_before_the_group_existed_is_delivered(redis_url: str) -> None:
    async with started(make_bus(redis_url)) as producer:
        await producer.publish(TOPIC, Noted(number=1), key="a")

    handler, consumer = Remembering(), make_bus(redis_url)
    consumer.subscribe(TOPIC, GROUP, handler)
    async with started(consumer):
        await until(lambda: handler.numbers == [1])


async def test_events_of_a_partition_arrive_in_the_order_of_their_publication(redis_url: str) -> None:
    handler, bus = Remembering(), make_bus(redis_url, partitions=3)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        for number in range(60):
            await bus.publish(TOPIC, Noted(number=number, text=f"asset-{number % 7}"), key=f"asset-{number % 7}")
        await until(lambda: len(handler.events) == 60)

    for asset in range(7):
        assert [e.number for e in handler.events if e.text == f"asset-{asset}"] == list(range(asset, 60, 7))


async def test_streams_are_empty_after_all_is_acknowledged(redis_url: str, redis: Redis) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        for number in range(20):
            await bus.publish(TOPIC, Noted(number=number), key="a")
        await until(lambda: len(handler.events) == 20)
        await until_empty(redis, STREAM)


async def test_every_group_is_handed_every_event_and_only_then_it_is_trimmed(redis_url: str, redis: Redis) -> None:
    topic = make_topic(groups=("first", "second"))
    first, second = Remembering(), Remembering()
    ahead = make_bus(redis_url)
    ahead.subscribe(topic, "first", first)
    async with started(ahead):
        for number in range(3):
            await ahead.publish(topic, Noted(number=number), key="a")
        await until(lambda: first.numbers == [0, 1, 2])
        await trimming.tidy(redis, topic, 1)
        assert await redis.xlen(topic.stream(0)) == 3

        behind = make_bus(redis_url)
        behind.subscribe(topic, "second", second)
        async with started(behind):
            await until(lambda: second.numbers == [0, 1, 2])
        await trimming.tidy(redis, topic, 1)
        assert await redis.xlen(topic.stream(0)) == 0


async def test_an_event_published_as_json_keeps_its_key_its_trace_and_unknown_fields_do_not_matter(
    redis_url: str,
) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, b'{"number": 5, "added_later": true}', key="straße/ü")
        await until(lambda: handler.numbers == [5])

    [delivery] = handler.deliveries
    assert (delivery.topic, delivery.group, delivery.attempt) == (TOPIC, GROUP, 1)
    assert delivery.headers["key"] == "stra%C3%9Fe/%C3%BC"


async def test_an_idle_reader_is_handed_an_event_at_once(redis_url: str) -> None:
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await asyncio.sleep(0.2)
        await bus.publish(TOPIC, Noted(number=1), key="a")
        assert await until(lambda: bool(handler.events)) < 0.1


async def test_a_failed_event_is_delivered_again_and_does_not_hold_up_the_others(redis_url: str, redis: Redis) -> None:
    def fail_once(event: Noted, delivery: Delivery) -> None:
        if event.number == 1 and delivery.attempt == 1:
            raise RuntimeError("the first time it fails")

    handler, bus = Remembering(fail_once), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await bus.publish(TOPIC, Noted(number=2), key="a")
        await until(lambda: handler.numbers == [1, 2, 1])
        assert [delivery.attempt for delivery in handler.deliveries] == [1, 1, 2]
        await until_empty(redis, STREAM)


async def test_a_handler_slower_than_the_claim_keeps_its_event(redis_url: str, redis: Redis) -> None:
    began = []

    async def slow(event: Noted, _: Delivery) -> None:
        began.append(event.number)
        await asyncio.sleep(CLAIM_AFTER * 4)

    buses = [make_bus(redis_url), make_bus(redis_url)]
    for bus in buses:
        bus.subscribe(TOPIC, GROUP, slow)
    async with started(buses[0]), started(buses[1]):
        await buses[0].publish(TOPIC, Noted(number=1), key="a")
        await asyncio.sleep(CLAIM_AFTER * 5)
        await until_empty(redis, STREAM)
    assert began == [1]


async def test_a_killed_consumers_event_goes_to_another(redis_url: str, redis: Redis, tmp_path: Path) -> None:
    script = tmp_path / "consumer.py"
    script.write_text(_HANGING_CONSUMER)
    async with started(make_bus(redis_url)) as producer:
        await producer.publish(TOPIC, Noted(number=1), key="a")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        redis_url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdout
    assert await process.stdout.readline() == b"has it\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()

    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await until(lambda: handler.numbers == [1])
        assert handler.deliveries[0].attempt == 2
        await until_empty(redis, STREAM)


async def test_while_a_dependency_is_away_the_event_waits_without_burning_deliveries(
    redis_url: str, redis: Redis
) -> None:
    def away_twice(_: Noted, __: Delivery) -> None:
        if len(handler.events) < 3:
            raise Unavailable("database", "it restarts")

    handler, bus = Remembering(away_twice), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: len(handler.events) == 3)
        await until_empty(redis, STREAM)
    assert [delivery.attempt for delivery in handler.deliveries] == [1, 1, 1]


async def test_stopping_ends_the_wait_for_a_dependency_and_hands_the_event_on_as_new(redis_url: str) -> None:
    def away(_: Noted, __: Delivery) -> None:
        raise Unavailable("database", "it is gone")

    waiting, bus = Remembering(away), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, waiting)
    await bus.start()
    await bus.publish(TOPIC, Noted(number=1), key="a")
    await until(lambda: bool(waiting.events))
    began = time.monotonic()
    await bus.stop(grace=5.0)
    assert time.monotonic() - began < 0.5

    handler, other = Remembering(), make_bus(redis_url)
    other.subscribe(TOPIC, GROUP, handler)
    async with started(other):
        assert await until(lambda: handler.numbers == [1]) < CLAIM_AFTER
    assert handler.deliveries[0].attempt == 1


async def test_stopping_lets_a_handler_finish_and_takes_nothing_more(redis_url: str, redis: Redis) -> None:
    began, finished = [], []

    async def slow(event: Noted, _: Delivery) -> None:
        began.append(event.number)
        await asyncio.sleep(0.5)
        finished.append(event.number)

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, slow)
    await bus.start()
    for number in (1, 2):
        await bus.publish(TOPIC, Noted(number=number), key="a")
    await until(lambda: began == [1])
    await bus.stop(grace=5.0)
    assert began == finished == [1]
    assert await redis.xlen(STREAM) == 1
    assert (await redis.xpending(STREAM, GROUP))["pending"] == 0


async def test_a_handler_that_exceeds_the_grace_is_cancelled_and_its_event_is_handed_back(redis_url: str) -> None:
    began = []

    async def endless(event: Noted, _: Delivery) -> None:
        began.append(event.number)
        await asyncio.sleep(60)

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, endless)
    await bus.start()
    await bus.publish(TOPIC, Noted(number=1), key="a")
    await until(lambda: began == [1])
    await bus.stop(grace=0.1)

    handler, other = Remembering(), make_bus(redis_url)
    other.subscribe(TOPIC, GROUP, handler)
    async with started(other):
        assert await until(lambda: handler.numbers == [1]) < CLAIM_AFTER
    assert handler.deliveries[0].attempt == 1


async def test_no_more_handlers_run_at_once_than_was_asked_for(redis_url: str) -> None:
    at_once, most, done = 0, 0, 0

    async def work(_: Noted, __: Delivery) -> None:
        nonlocal at_once, most, done
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        done += 1

    bus = make_bus(redis_url, partitions=2)
    bus.subscribe(TOPIC, GROUP, work, max_at_once=3)
    async with started(bus):
        for number in range(12):
            await bus.publish(TOPIC, Noted(number=number), key=str(number))
        await until(lambda: done == 12)
    assert most == 3


async def test_the_lag_counts_what_waits_and_what_is_in_hand(redis_url: str) -> None:
    release = asyncio.Event()

    async def held(_: Noted, __: Delivery) -> None:
        await release.wait()

    bus = make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, held)
    async with started(bus):
        [lag] = await bus.lag()
        assert (lag.topic, lag.group, lag.length, lag.oldest_seconds) == ("notes", GROUP, 0, 0.0)
        for number in range(3):
            await bus.publish(TOPIC, Noted(number=number), key="a")
        await asyncio.sleep(0.3)
        [lag] = await bus.lag()
        assert lag.length == 3
        assert 0.25 < lag.oldest_seconds < 2.0

        release.set()
        await asyncio.sleep(0.2)
        [lag] = await bus.lag()
        assert (lag.length, lag.oldest_seconds) == (0, 0.0)


async def test_without_a_subscription_the_lag_is_that_of_all_groups_even_of_those_nobody_has_read_for_yet(
    redis_url: str,
) -> None:
    async with started(make_bus(redis_url)) as bus:
        await bus.publish(REPORTS, b"{}", key="a")
        lags = {(lag.topic, lag.group): lag.length for lag in await bus.lag()}
    assert lags[("reports", "normaliser")] == 1
    assert lags[("alerts", "notifier")] == 0


async def test_a_reader_that_fastream_stopped_is_started_again(redis_url: str) -> None:
    def leave_once(_: Noted, __: Delivery) -> None:
        if len(handler.events) == 1:
            raise SystemExit

    handler, bus = Remembering(leave_once), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        for number in (1, 2):
            await bus.publish(TOPIC, Noted(number=number), key="a")
        await until(lambda: sorted(handler.numbers) == [1, 1, 2])


async def test_a_group_that_the_table_does_not_name_cannot_be_subscribed(redis_url: str) -> None:
    with pytest.raises(ValueError, match="its groups are readers"):
        make_bus(redis_url).subscribe(TOPIC, "strangers", Remembering())


async def test_an_event_of_another_topic_is_not_published(redis_url: str) -> None:
    async with started(make_bus(redis_url)) as bus:
        with pytest.raises(TypeError, match="reports carries ReportReceived"):
            await bus.publish(REPORTS, Noted(number=1), key="a")


async def test_consumers_that_are_long_gone_are_forgotten(
    redis_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "_CONSUMER_GONE", 100)
    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(TOPIC, GROUP, handler)
    async with started(bus):
        await bus.publish(TOPIC, Noted(number=1), key="a")
        await until(lambda: handler.numbers == [1])
        await until_empty(redis, STREAM)
    assert await redis.xinfo_consumers(STREAM, GROUP)
    await asyncio.sleep(0.2)
    await trimming.tidy(redis, TOPIC, 1)
    assert await redis.xinfo_consumers(STREAM, GROUP) == []


async def test_an_entry_deleted_while_pending_is_forgotten_and_stops_nobody(redis_url: str, redis: Redis) -> None:
    topic = make_topic(delivery_cap=1)
    async with started(make_bus(redis_url)) as producer:
        await producer.publish(topic, Noted(number=1), key="a")
    await redis.xgroup_create(STREAM, GROUP, id="0")
    [[_, [(message_id, _)]]] = await redis.xreadgroup(GROUP, "gone", {STREAM: ">"})
    await redis.xdel(STREAM, message_id)

    handler, bus = Remembering(), make_bus(redis_url)
    bus.subscribe(topic, GROUP, handler)
    async with started(bus):
        await asyncio.sleep(CLAIM_AFTER * 2)
        await trimming.tidy(redis, topic, 1)
        assert (await redis.xpending(STREAM, GROUP))["pending"] == 0
        await bus.publish(topic, Noted(number=2), key="a")
        await until(lambda: handler.numbers == [2])


_HANGING_CONSUMER = """
import asyncio, sys
from tests.integration.shared.bus_kit import GROUP, make_bus, make_topic

async def hang(event, delivery):
    print("has it", flush=True)
    await asyncio.sleep(60)

async def main():
    bus = make_bus(sys.argv[1])
    bus.subscribe(make_topic(), GROUP, hang)
    await bus.start()
    await asyncio.sleep(60)

asyncio.run(main())
"""
