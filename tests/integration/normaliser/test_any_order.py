"""Laws of the normaliser as a consumer: neither the order of deliveries nor their number decides what is open."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from tests.chaos.ledger import Position, whatever_the_order
from tests.chaos.mix import Scan, sarif
from tests.integration.normaliser.scan_kit import T0, Line, problem

from sluice_normaliser.application.normalise_report import Lane, NormaliseReport
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.application.tidy_refs import Tidying
from sluice_normaliser.application.workers import Workers
from sluice_normaliser.domain.lifecycle import Hold
from sluice_shared.blobs import BlobStore
from sluice_shared.bus import Bus
from sluice_shared.bus.wire import unpack
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.events import ReportReceived
from sluice_shared.contracts.topics import FINDINGS

NAMES = ("leak", "injection", "overflow")
A_SCAN = st.tuples(
    st.integers(0, 4),  # the day
    st.sampled_from(["main", "dev"]),
    st.sets(st.integers(0, len(NAMES) - 1)),
    st.booleans(),  # complete
)


@settings(
    max_examples=60,
    deadline=None,
    # A smaller example is not worth the minutes that it takes to find.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(scans=st.lists(A_SCAN, min_size=1, max_size=7, unique_by=lambda scan: (scan[0], scan[1])))
async def test_given_scans_in_any_order_then_what_is_open_and_since_when_follows_from_their_times(database, scans):
    line = Line(database)
    pushed = []
    for day, ref, shown, complete in scans:
        await line.scan(day, *(problem(NAMES[number]) for number in shown), ref=ref, complete=complete)
        scan = Scan("", line.asset, ref, "s", complete, None, frozenset(shown), 1)
        pushed.append((scan, Position(T0 + timedelta(days=day), line.sequence)))
    expected = {
        NAMES[number]: ("open" if finding.open else "resolved", finding.first_seen)
        for number, finding in whatever_the_order(pushed).items()
    }
    rows = await line.rows(
        "SELECT o.payload::jsonb->>'title' AS title, f.status, f.first_seen_at FROM finding f"
        " JOIN observation o ON o.asset_id = f.asset_id AND o.finding_id = f.id WHERE f.asset_id = $1"
    )
    assert {row["title"]: (row["status"], row["first_seen_at"]) for row in rows} == expected
    assert len(rows) == len(expected)


@pytest.fixture
async def replicas(database, redis_url, tmp_path):
    """Two normalisers over the same servers, and their blob store."""
    blobs = BlobStore(tmp_path.as_uri())
    bus = Bus(redis_url, service="tests", consumer="tests")
    await bus.start()
    workers = Workers(processes=1, secret_key=b"a key for tests only", timeout=60)
    publisher = Publisher(database, bus)
    both = [
        NormaliseReport(
            database,
            blobs,
            workers,
            publisher,
            max_body_bytes=1_000_000,
            hold=Hold(),
            tidying=Tidying(timedelta(days=30), ("*",)),
        )
        for _ in range(2)
    ]
    yield blobs, both
    await workers.stop()
    await bus.stop(0.2)


async def test_given_the_same_report_ten_times_in_two_replicas_at_once_then_it_is_applied_once(
    replicas, database, redis_url
):
    blobs, both = replicas
    asset = f"repo:github.com/acme/{uuid4().hex}"
    await blobs.put("body", sarif("alpha", [1, 2, 3]))
    received = ReportReceived(
        report_id=uuid4(), sequence=1, asset=asset, received_at=datetime.now(UTC), body_ref="body", body_bytes=1,
        body_sha256="",
    )  # fmt: skip
    await asyncio.gather(*(both[number % 2](received, Lane(100)) for number in range(10)))
    async with database.transaction(read_only=True) as tx:
        rows = await tx.fetch("SELECT version, status FROM finding WHERE asset_id = $1", asset_id(asset))
    assert [(row["version"], row["status"]) for row in rows] == [(1, "open")] * 3
    emissions = await _emissions(redis_url)
    # Each repetition says the same again, under an emission of its own.
    assert len(emissions) == 10
    assert {len(chunk["findings"]) for chunk in emissions.values()} == {3}
    assert {chunk["counts"]["new"] for chunk in emissions.values()} == {3}


async def _emissions(redis_url):
    async with Redis.from_url(redis_url) as redis:
        entries = await redis.xrange(FINDINGS.stream(0))
    chunks = [orjson.loads(unpack(fields)[0]) for _, fields in entries]
    return {chunk["emission_id"]: chunk for chunk in chunks}
