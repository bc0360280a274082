"""What is accepted stays due until its receipt comes, whatever happens to Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis
from tests.integration.ingest.ingest_kit import Gate, Ingest, Platform, running, until, until_async

from sluice_ingest.metrics import REPORTS
from sluice_ingest.settings import Settings


@pytest.fixture
async def gate(redis_url: str) -> AsyncIterator[Gate]:
    gate = Gate(redis_url)
    await gate.open()
    yield gate
    await gate.close()


async def test_while_redis_is_away_reports_are_accepted_at_once_and_published_on_its_return(
    make: Callable[..., Settings], gate: Gate, platform: Platform
) -> None:
    async with running(make(redis_url=gate.url)) as ingest:
        await gate.close()
        loop = asyncio.get_running_loop()
        began = loop.time()
        ids = [await ingest.pushed(b"report %d" % number) for number in range(20)]
        assert loop.time() - began < 2
        assert (await ingest.http.get("/readyz")).status_code == 200
        await asyncio.sleep(2.5)
        assert platform.received == []
        rows = await ingest.sql("SELECT attempts, published_at FROM report")
        assert {(row["attempts"], row["published_at"]) for row in rows} == {(0, None)}

        await gate.open()
        await until(lambda: {str(event.report_id) for event in platform.received} == set(ids), within=10)
        for report_id in ids:
            await platform.settle(report_id)
        assert (await ingest.report(ids[-1], wait=10))["status"] == "indexed"


async def test_ingest_starts_without_redis(make: Callable[..., Settings], gate: Gate, platform: Platform) -> None:
    await gate.close()
    async with running(make(redis_url=gate.url)) as ingest:
        report_id = await ingest.pushed()
        await gate.open()
        await until(lambda: platform.times(report_id) >= 1, within=15)


async def test_without_a_receipt_a_report_is_published_again_and_at_last_stuck(
    make: Callable[..., Settings], platform: Platform
) -> None:
    settings = make(first_republish_seconds=0.3, max_republish_seconds=0.6, max_publications=3)
    async with running(settings) as ingest:
        before = REPORTS.labels("unknown", "stuck")._value.get()
        report_id = await ingest.pushed()
        report = await ingest.report(report_id, wait=20)
        assert report["status"] == "stuck"
        assert report["attempts"] == 3
        assert report["reason"]["code"] == "no_receipt"
        assert platform.times(report_id) == 3
        assert REPORTS.labels("unknown", "stuck")._value.get() == before + 1

        # A receipt that comes after all still counts.
        await platform.settle(report_id)
        await until_async(lambda: _has_status(ingest, report_id, "indexed"))


async def test_a_settled_report_is_not_published_again(make: Callable[..., Settings], platform: Platform) -> None:
    async with running(make(first_republish_seconds=0.5)) as ingest:
        report_id = await ingest.pushed()
        await until(lambda: platform.times(report_id) == 1)
        await platform.settle(report_id)
        await ingest.report(report_id, wait=5)
        await asyncio.sleep(1.0)
        assert platform.times(report_id) == 1


async def test_a_flushed_redis_loses_nothing(make: Callable[..., Settings], redis_url: str) -> None:
    async with running(make(first_republish_seconds=1.0)) as ingest:
        report_id = await ingest.pushed()
        await until_async(lambda: _was_published(ingest, report_id))
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
        platform = Platform(redis_url)
        await platform.start()
        await until(lambda: platform.times(report_id) == 1)
        await platform.stop()


async def test_a_crash_after_the_commit_loses_nothing(make: Callable[..., Settings], platform: Platform) -> None:
    settings = make()
    async with running(settings) as ingest:
        report_id = await ingest.pushed()
        await until_async(lambda: _was_published(ingest, report_id))
        # As it would be had the process died between commit and publication.
        await ingest.sql("UPDATE report SET attempts = 0, published_at = NULL, due_at = now() RETURNING id")
        await until(lambda: platform.times(report_id) == 2)


async def test_two_replicas_share_the_due_reports(make: Callable[..., Settings], platform: Platform) -> None:
    settings = make(first_republish_seconds=60)
    async with running(settings) as one, running(settings):
        ids = [await one.pushed(b"report %d" % number) for number in range(30)]
        await until(lambda: len(platform.received) == 30)
        await until_async(lambda: _all_published(one))
        await one.sql("UPDATE report SET due_at = now() RETURNING id")
        await until(lambda: len(platform.received) >= 60)
        await asyncio.sleep(0.5)
        assert {platform.times(report_id) for report_id in ids} == {2}


async def test_a_rejection_says_why_and_never_undoes_what_is_indexed(ingest: Ingest, platform: Platform) -> None:
    report_id = await ingest.pushed()
    await platform.settle(report_id, "rejected", reason="malformed", detail="Line 3 is no JSON; export it again")
    report = await ingest.report(report_id, wait=5)
    assert report["status"] == "rejected"
    assert report["reason"] == {"code": "malformed", "detail": "Line 3 is no JSON; export it again"}

    await platform.settle(report_id)
    await until_async(lambda: _has_status(ingest, report_id, "indexed"))
    await platform.settle(report_id, "rejected", reason="internal")
    other = await ingest.pushed(b"another")
    await platform.settle(other)
    await ingest.report(other, wait=5)
    report = await ingest.report(report_id)
    assert (report["status"], report["reason"]) == ("indexed", None)


async def test_a_receipt_that_comes_twice_counts_once(ingest: Ingest, platform: Platform) -> None:
    before = REPORTS.labels("grype", "indexed")._value.get()
    report_id = await ingest.pushed()
    for _ in range(3):
        await platform.settle(report_id, scanner="grype")
    other = await ingest.pushed(b"another")
    await platform.settle(other)
    await ingest.report(other, wait=5)
    await until_async(lambda: _has_status(ingest, report_id, "indexed"))
    assert (await ingest.report(report_id))["scanner"] == "grype"
    assert REPORTS.labels("grype", "indexed")._value.get() == before + 1


async def test_a_receipt_for_a_report_that_nobody_knows_is_passed_over(ingest: Ingest, platform: Platform) -> None:
    await platform.settle("00000000-0000-7000-8000-000000000000")
    report_id = await ingest.pushed()
    await platform.settle(report_id)
    assert (await ingest.report(report_id, wait=5))["status"] == "indexed"


async def test_a_waiting_client_is_answered_as_soon_as_the_receipt_is_in(ingest: Ingest, platform: Platform) -> None:
    report_id = await ingest.pushed()
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(ingest.report(report_id, wait=30))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    began = loop.time()
    await platform.settle(report_id)
    assert (await waiting)["status"] == "indexed"
    assert loop.time() - began < 0.5
    began = loop.time()
    other = await ingest.pushed(b"another")
    assert (await ingest.report(other, wait=0.5))["status"] == "accepted"
    assert 0.4 < loop.time() - began < 3


async def test_a_receipt_that_another_replica_takes_in_ends_the_waiting_too(ingest: Ingest) -> None:
    report_id = await ingest.pushed()
    waiting = asyncio.create_task(ingest.report(report_id, wait=30))
    await asyncio.sleep(0.2)
    await ingest.sql("UPDATE report SET status = 'indexed', due_at = NULL, finished_at = now() RETURNING id")
    assert (await asyncio.wait_for(waiting, 3))["status"] == "indexed"


async def _has_status(ingest: Ingest, report_id: str, status: str) -> bool:
    return bool((await ingest.report(report_id))["status"] == status)


async def _was_published(ingest: Ingest, report_id: str) -> bool:
    return bool((await ingest.report(report_id))["attempts"])


async def _all_published(ingest: Ingest) -> bool:
    return not await ingest.sql("SELECT id FROM report WHERE published_at IS NULL")
