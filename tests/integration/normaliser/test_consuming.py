"""The normaliser on the bus: poisoned reports, large ones, and what is left of it when it is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psutil
import pytest
from redis.asyncio import Redis
from tests.chaos.mix import sarif

from sluice_normaliser.application.normalise_report import NormaliseReport
from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.application.tidy_refs import Tidying
from sluice_normaliser.application.workers import Workers
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.kit import ReportError
from sluice_normaliser.transport.consumers import subscribe
from sluice_shared.blobs import BlobStore
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import FindingsChanged, ReportReceipt, ReportReceived
from sluice_shared.contracts.topics import FINDINGS, REPORT_RECEIPTS, REPORTS, REPORTS_BULK

CLAIM_SCALE = 0.01


class Neighbours:
    """Ingest and the risk index, as far as the normaliser meets them. The index takes chunks only while it is open."""

    def __init__(self, redis_url):
        self.receipts: list[ReportReceipt] = []
        self.chunks: list[FindingsChanged] = []
        self.open = asyncio.Event()
        self.open.set()
        self.bus = Bus(redis_url, service="tests", consumer="neighbours")
        self.bus.subscribe(REPORT_RECEIPTS, "ingest", self._on_receipt)
        self.bus.subscribe(FINDINGS, "risk-index", self._on_chunk)

    async def _on_receipt(self, receipt: ReportReceipt, _: Delivery) -> None:
        self.receipts.append(receipt)

    async def _on_chunk(self, chunk: FindingsChanged, _: Delivery) -> None:
        await self.open.wait()
        self.chunks.append(chunk)


@pytest.fixture
async def neighbours(redis_url):
    neighbours = Neighbours(redis_url)
    await neighbours.bus.start()
    yield neighbours
    neighbours.open.set()
    await neighbours.bus.stop(1.0)


@pytest.fixture
def blobs(tmp_path):
    return BlobStore(tmp_path.as_uri())


@pytest.fixture
async def start_normaliser(database, redis_url, blobs):
    """Start a consumer of both lanes; it takes over quickly, and lets so many chunks be in line."""
    bus = Bus(redis_url, service="normaliser", consumer="tests", claim_scale=CLAIM_SCALE)
    workers = Workers(processes=1, secret_key=b"a key for tests only", timeout=60)

    async def start(*, in_line=100, bulk_in_line=2):
        publisher = Publisher(database, bus)
        normalise = NormaliseReport(
            database,
            blobs,
            workers,
            publisher,
            max_body_bytes=10_000_000,
            hold=Hold(),
            tidying=Tidying(timedelta(days=30), ("*",)),
        )
        actions = PublishActions(database, bus, publisher)
        subscribe(bus, normalise, actions, max_at_once=1, in_line=in_line, bulk_in_line=bulk_in_line)
        await bus.start()

    yield start
    await bus.stop(1.0)
    await workers.stop()


async def stored(blobs, problems):
    body = sarif("alpha", problems)
    await blobs.put(f"body-{len(problems)}", body)
    return ReportReceived(
        report_id=uuid4(),
        sequence=1,
        asset=f"repo:github.com/acme/{uuid4().hex}",
        received_at=datetime.now(UTC),
        body_ref=f"body-{len(problems)}",
        body_bytes=len(body),
        body_sha256="",
    )


async def until(condition, within=10.0):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        await asyncio.sleep(0.02)


async def until_in_line(redis, chunks):
    deadline = time.monotonic() + 20
    while await redis.xlen(FINDINGS.stream(0)) < chunks:
        assert time.monotonic() < deadline, "there are too few chunks"
        await asyncio.sleep(0.02)


async def test_given_a_report_that_ended_its_consumer_every_time_then_it_is_set_apart_and_the_rest_flows_on(
    neighbours, blobs, redis_url, start_normaliser
):
    poison, harmless = await stored(blobs, [1]), await stored(blobs, [1, 2])
    await neighbours.bus.publish(REPORTS, poison, key=poison.asset)
    async with Redis.from_url(redis_url) as redis:
        await redis.xgroup_create(REPORTS.stream(0), "normaliser", id="0")
        [[_, [(message_id, _)]]] = await redis.xreadgroup("normaliser", "killed", {REPORTS.stream(0): ">"})
        await redis.xclaim(REPORTS.stream(0), "normaliser", "killed", 0, [message_id], retrycount=REPORTS.delivery_cap)
    await neighbours.bus.publish(REPORTS, harmless, key=harmless.asset)
    await start_normaliser()
    await until(lambda: neighbours.chunks and neighbours.receipts)
    (receipt,) = neighbours.receipts
    assert (receipt.report_id, receipt.status) == (poison.report_id, "stuck")
    assert "replay" in receipt.detail
    assert [chunk.report_id for chunk in neighbours.chunks] == [harmless.report_id]
    (letter,) = await neighbours.bus.dead_letters(REPORTS)
    assert letter.letter.reason == "delivery_cap"


async def test_given_a_large_import_then_a_small_report_finds_a_short_line(
    neighbours, blobs, redis_url, start_normaliser
):
    large, small = await stored(blobs, list(range(4000))), await stored(blobs, [1])
    neighbours.open.clear()
    await start_normaliser(bulk_in_line=3)
    await neighbours.bus.publish(REPORTS_BULK, large, key=large.asset)
    async with Redis.from_url(redis_url) as redis:
        await until_in_line(redis, 3)
        await neighbours.bus.publish(REPORTS, small, key=small.asset)
        await until_in_line(redis, 4)
    neighbours.open.set()
    await until(lambda: len(neighbours.chunks) == 9, within=20)
    assert [chunk.report_id for chunk in neighbours.chunks].index(small.report_id) <= 3
    assert sum(len(chunk.findings) for chunk in neighbours.chunks) == 4001


async def test_given_a_large_report_is_being_parsed_then_a_small_one_does_not_wait_for_it():
    workers = Workers(processes=1, secret_key=b"a key for tests only", timeout=60)
    await workers.start()
    try:
        large = asyncio.create_task(prepare(workers, list(range(20_000)), large=True))
        await asyncio.sleep(0.1)
        small = await prepare(workers, [1])
        assert len(small.scans[0].problems) == 1
        assert not large.done()
        assert len((await large).scans[0].problems) == 20_000
    finally:
        await workers.stop()


async def test_given_a_report_that_takes_too_long_then_the_one_behind_it_is_parsed_all_the_same():
    workers = Workers(processes=1, secret_key=b"a key for tests only", timeout=2.5)
    await workers.start()
    try:
        endless = asyncio.create_task(prepare(workers, list(range(100_000))))
        await asyncio.sleep(0.1)
        behind = await prepare(workers, [1])
        with pytest.raises(ReportError, match="longer than"):
            await endless
        assert len(behind.scans[0].problems) == 1
    finally:
        await workers.stop()


async def prepare(workers, problems, *, large=False):
    body = sarif("alpha", problems)
    return await workers.prepare(body, scanner=None, filename=None, asset="repo:acme/shop", large=large)


def test_given_a_service_that_is_killed_then_its_parsing_process_ends_with_it():
    script = textwrap.dedent("""
        import asyncio
        from sluice_normaliser.application.workers import Workers

        async def main():
            await Workers(processes=1, secret_key=b"a key for tests only", timeout=60).start()
            print("ready", flush=True)
            await asyncio.sleep(60)

        if __name__ == "__main__":
            asyncio.run(main())
    """)
    service = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert service.stdout.readline() == b"ready\n"
    children = psutil.Process(service.pid).children(recursive=True)
    assert children
    os.kill(service.pid, signal.SIGKILL)
    service.wait()
    service.stdout.close()
    deadline = time.monotonic() + 5
    while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children):
        assert time.monotonic() < deadline, "a parsing process has been left behind"
        time.sleep(0.05)
