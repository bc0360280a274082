"""The lanes stay bounded, nothing is published over and over while it is in line, and a loss of Redis is noticed."""

from collections.abc import Callable

from redis.asyncio import Redis
from tests.integration.ingest.ingest_kit import Ingest, Platform, running, until, until_async

from sluice_ingest.domain.report import Lane
from sluice_ingest.settings import Settings
from sluice_shared.contracts.topics import REPORTS


async def test_a_lane_stays_bounded_and_what_is_accepted_beyond_it_follows(
    make: Callable[..., Settings], redis_url: str
) -> None:
    async with running(make(lane_limit=5, sweep_seconds=0.2)) as ingest, Redis.from_url(redis_url) as redis:
        await until_async(lambda: _has_bus(ingest))
        ids = [await ingest.pushed(b"early %d" % number) for number in range(5)]
        await until_async(lambda: _has_length(redis, 5))
        await until(lambda: ingest.app.state.service.accept_report._publisher._watch_line.is_full(Lane.INTERACTIVE))
        ids += [await ingest.pushed(b"late %d" % number) for number in range(30)]
        assert await redis.xlen(REPORTS.stream(0)) == 5

        platform = Platform(redis_url)
        await platform.start()
        await until(lambda: {str(event.report_id) for event in platform.received} == set(ids), within=20)
        await platform.stop()
        rows = await ingest.sql("SELECT DISTINCT attempts FROM report")
        assert [row["attempts"] for row in rows] == [1]


async def test_what_is_still_in_line_is_neither_published_again_nor_given_up(
    make: Callable[..., Settings], redis_url: str
) -> None:
    settings = make(first_republish_seconds=0.2, max_republish_seconds=0.2, max_publications=2)
    async with running(settings) as ingest, Redis.from_url(redis_url) as redis:
        report_id = await ingest.pushed()
        await until_async(lambda: _has_length(redis, 1))
        await until_async(lambda: _waited_for(ingest, seconds=2.0), within=5)
        assert await redis.xlen(REPORTS.stream(0)) == 1
        report = await ingest.report(report_id)
        assert (report["status"], report["attempts"]) == ("accepted", 1)


async def test_a_flushed_redis_is_noticed_long_before_patience_ends(
    make: Callable[..., Settings], redis_url: str
) -> None:
    async with running(make(first_republish_seconds=600)) as ingest, Redis.from_url(redis_url) as redis:
        ids = [await ingest.pushed(b"report %d" % number) for number in range(3)]
        await until_async(lambda: _has_length(redis, 3))
        await until_async(lambda: _all_published(ingest))
        await redis.flushdb()
        await until_async(lambda: _has_length(redis, 3), within=5)
        assert {(await ingest.report(report_id))["attempts"] for report_id in ids} <= {0, 1}


async def test_a_report_whose_event_was_set_apart_is_stuck_until_it_is_replayed(
    ingest: Ingest, platform: Platform
) -> None:
    report_id = await ingest.pushed()
    await until(lambda: platform.times(report_id) == 1)
    await platform.settle(report_id, "stuck", reason="internal", detail="it ended its consumer five times")
    report = await ingest.report(report_id, wait=5)
    assert report["status"] == "stuck"
    assert report["reason"] == {"code": "internal", "detail": "it ended its consumer five times"}

    assert (await ingest.http.post(f"/v1/reports/{report_id}/replay")).status_code == 202
    await until(lambda: platform.times(report_id) == 2)
    await platform.settle(report_id)
    assert (await ingest.report(report_id, wait=5))["status"] == "indexed"
    await platform.settle(report_id, "stuck")
    await platform.settle(report_id, "rejected", reason="malformed")
    other = await ingest.pushed(b"another")
    await platform.settle(other)
    await ingest.report(other, wait=5)
    assert (await ingest.report(report_id))["status"] == "indexed"


async def _has_length(redis: Redis, length: int) -> bool:
    return bool(await redis.xlen(REPORTS.stream(0)) == length)


async def _has_bus(ingest: Ingest) -> bool:
    readiness = (await ingest.http.get("/readyz")).json()
    return bool(readiness["checks"]["bus"]["status"] == "ok")


async def _waited_for(ingest: Ingest, *, seconds: float) -> bool:
    return bool(await ingest.sql("SELECT 1 FROM report WHERE received_at < now() - make_interval(secs => $1)", seconds))


async def _all_published(ingest: Ingest) -> bool:
    return not await ingest.sql("SELECT id FROM report WHERE published_at IS NULL")
