"""Laws of identity: how a report is arranged, how often it comes and who works on it changes nothing."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.chaos.mix import sarif
from tests.integration.normaliser.scan_kit import T0, Line

from sluice_normaliser.application.normalise_report import Lane, NormaliseReport
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.application.tidy_refs import Tidying
from sluice_normaliser.application.workers import Workers
from sluice_normaliser.domain.keys import identify
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.domain.prepare import prepared_problem
from sluice_shared.blobs import BlobStore
from sluice_shared.bus import Bus
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.events import ReportReceived
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""A smaller example is not worth the minutes that it takes to find."""

RESULT = st.tuples(
    st.sampled_from(["sqli", "xss"]),
    st.sampled_from(["a.py", "b.py"]),
    st.integers(1, 12),
    st.sampled_from(["run(x)", "run(y)"]),
    st.sampled_from(["bad", "worse"]),
)
A_SCAN = st.tuples(
    st.sampled_from(["bandit", "semgrep"]), st.sampled_from(["main", "dev"]), st.lists(RESULT, max_size=8)
)

TWO_ON_A_LINE, TWO_MOVED = ([("sqli", "a.py", line, "run(x)", words) for words in ("bad", "worse")] for line in (5, 9))
"""Equal code on one line, told apart by its words alone; then both have moved."""


def problems_of(scanner, results):
    observations = [
        Observation(
            scanner=scanner,
            kind=Kind.SAST,
            rule_id=rule,
            title=message,
            cwes=[89],
            location=CodeLocation(path=path, start_line=line, snippet=snippet),
        )
        for rule, path, line, snippet, message in results
    ]
    return [prepared_problem(o, i) for o, i in zip(observations, identify(observations), strict=True)]


async def life(line):
    """What became of each finding, whatever its id: where it was seen how, and what joined it."""
    rows = await line.rows(
        "SELECT f.status, f.version, f.reopen_count, f.first_seen_at, f.matched_by,"
        " array(SELECT s.ref || s.scanner || encode(p.exact, 'hex') || p.line || (p.gone_at IS NULL)"
        "  FROM presence p JOIN scope s ON s.id = p.scope_id WHERE p.asset_id = f.asset_id AND p.finding_id = f.id"
        "  ORDER BY 1) AS seen,"
        " array(SELECT e.scanner || e.matched_by FROM identity_event e WHERE e.asset_id = f.asset_id"
        "  AND e.finding_id = f.id ORDER BY e.id) AS joins"
        " FROM finding f WHERE f.asset_id = $1"
    )
    return sorted(str(tuple(row.values())) for row in rows)


@settings(
    max_examples=80,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(scans=st.lists(A_SCAN, min_size=2, max_size=5), chance=st.randoms(use_true_random=False))
@example(scans=[("bandit", "main", TWO_ON_A_LINE), ("bandit", "main", TWO_MOVED)], chance=random.Random(1))
@example(scans=[("bandit", "main", TWO_ON_A_LINE), ("bandit", "dev", TWO_MOVED)], chance=random.Random(1))
async def test_given_the_results_of_each_report_in_any_order_then_every_finding_has_the_same_life(
    database, scans, chance
):
    as_given, shuffled = Line(database), Line(database)
    for day, (scanner, ref, results) in enumerate(scans):
        mixed = list(results)
        chance.shuffle(mixed)
        first = await as_given.scan(day, *distinct(problems_of(scanner, results)), scanner=scanner, ref=ref)
        second = await shuffled.scan(day, *distinct(problems_of(scanner, mixed)), scanner=scanner, ref=ref)
        assert first == second
    assert await life(as_given) == await life(shuffled)


async def test_two_on_one_line_keep_their_words_when_both_move(line):
    for day, (ref, results) in enumerate([("main", TWO_ON_A_LINE), ("main", TWO_MOVED), ("dev", TWO_ON_A_LINE)]):
        await line.scan(day, *problems_of("bandit", results), scanner="bandit", ref=ref)
        rows = await line.rows(
            "SELECT f.id, o.payload::jsonb->>'title' AS title FROM finding f JOIN observation o ON o.finding_id = f.id"
            " AND o.asset_id = f.asset_id WHERE f.asset_id = $1 ORDER BY f.id"
        )
        words = {row["id"]: row["title"] for row in rows}
        if day == 0:
            first = words
        assert words == first


def distinct(problems):
    return list({problem.exact: problem for problem in problems}.values())


@pytest.fixture
async def platform(database, redis_url, tmp_path):
    """A blob store, and a function that makes a normaliser over the same servers."""
    blobs = BlobStore(tmp_path.as_uri())
    bus = Bus(redis_url, service="tests", consumer="tests")
    await bus.start()
    workers = Workers(processes=1, secret_key=b"a key for tests only", timeout=60)

    def replica():
        return NormaliseReport(
            database,
            blobs,
            workers,
            Publisher(database, bus),
            max_body_bytes=1_000_000,
            hold=Hold(),
            tidying=Tidying(timedelta(days=30), ("*",)),
        )

    yield blobs, replica
    await workers.stop()
    await bus.stop(0.2)


A_REPORT = st.tuples(
    st.sampled_from(["alpha", "beta"]),
    st.sets(st.integers(0, 4), max_size=4),
    st.integers(1, 30),  # the line on which they are
    st.booleans(),  # complete
)


@settings(
    max_examples=20,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    reports=st.lists(A_REPORT, min_size=1, max_size=4),
    replicas=st.integers(1, 3),
    repeats=st.integers(1, 3),
    chance=st.randoms(use_true_random=False),
)
async def test_given_any_number_of_replicas_and_deliveries_then_the_findings_are_as_if_one_had_worked_in_order(
    database, platform, reports, replicas, repeats, chance
):
    blobs, replica = platform
    one_by_one, at_once = f"repo:acme/{uuid4().hex}", f"repo:acme/{uuid4().hex}"
    for number, (tool, shown, line, _) in enumerate(reports):
        await blobs.put(f"body-{number}", sarif(tool, sorted(shown), line=line))
    alone = replica()
    for event in received(one_by_one, reports):
        await alone(event, Lane(1000))
    deliveries = received(at_once, reports) * repeats
    chance.shuffle(deliveries)
    workers = [replica() for _ in range(replicas)]
    await asyncio.gather(*(workers[n % replicas](event, Lane(1000)) for n, event in enumerate(deliveries)))
    assert await state(database, at_once) == await state(database, one_by_one)


def received(asset, reports):
    return [
        ReportReceived(
            report_id=uuid4(),
            sequence=number,
            asset=asset,
            ref="main",
            complete=complete,
            scanned_at=T0 + timedelta(days=number),
            received_at=datetime.now(UTC),
            body_ref=f"body-{number}",
            body_bytes=1,
            body_sha256="",
        )
        for number, (_, _, _, complete) in enumerate(reports)
    ]


async def state(database, asset):
    """Which problems are findings of what status since when; each by its rule, which is its own."""
    async with database.transaction(read_only=True) as tx:
        rows = await tx.fetch(
            "SELECT f.status, f.first_seen_at, array_agg(o.scanner || o.rule ORDER BY o.scanner, o.rule) AS seen"
            " FROM finding f JOIN observation o ON o.asset_id = f.asset_id AND o.finding_id = f.id"
            " WHERE f.asset_id = $1 GROUP BY f.id, f.status, f.first_seen_at",
            asset_id(asset),
        )
    return sorted(str(tuple(row.values())) for row in rows)
