"""The index by asset, team and programme: now, and day by day."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    catalogue,
    in_force,
    observation,
    principal,
    reopened,
    resolved,
    running_app,
    state,
)

from sluice_risk_index.application.decide import Decide
from sluice_risk_index.application.measure_groups import MeasureGroups, ReadTrend
from sluice_risk_index.application.measure_portfolio import MeasurePortfolio
from sluice_risk_index.application.snapshot_index import SnapshotIndex
from sluice_risk_index.domain.catalogue import Asset, Team
from sluice_risk_index.domain.measures import Level
from sluice_risk_index.domain.policy import Policy, SlaPolicy
from sluice_risk_index.domain.triage import Decision, Ruling
from sluice_risk_index.errors import UnknownGroupError
from sluice_risk_index.main import build
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.auth import Scope
from sluice_shared.contracts.finding import Severity

BILLING = "repo:github.com/acme/billing"
LAB = "repo:github.com/acme/lab"
READER = principal(Scope.READ)
DAY = timedelta(days=1)


def teams(**of_checkout):
    return catalogue(
        teams=(
            Team(name="checkout", programme="retail", **of_checkout),
            Team(name="payments", programme="retail"),
            Team(name="lab"),
        ),
        assets=(Asset(key=SHOP, owner="checkout"), Asset(key=BILLING, owner="payments"), Asset(key=LAB, owner="lab")),
    )


def high(**given):
    return state(observation(severity=Severity.HIGH), **given)


async def groups(line, level, by=READER):
    return {g.about.name: g for g in await MeasureGroups(line.database, lambda: line.rules)(by, level)}


async def snapshot(line, every=timedelta(0), kept=400):
    await SnapshotIndex(line.database, lambda: line.rules, every=every, kept_days=kept)()


async def trend(line, level=Level.ALL, name="", by=READER, days=30):
    return await ReadTrend(line.database)(by, level, name, days)


@pytest.fixture
async def three(line):
    """A finding of each of three teams, two of which are one programme, and one that nobody owns."""
    line.rules = in_force(known=teams())
    for asset in (SHOP, BILLING, LAB, "repo:github.com/acme/orphan"):
        await line.apply(high(), asset=asset)
    return line


async def test_the_parts_add_up_to_the_whole(three):
    whole = await MeasurePortfolio(three.database, lambda: three.rules)(READER)
    for level in (Level.ASSET, Level.TEAM, Level.ALL):
        found = [group.measures.standing for group in (await groups(three, level)).values()]
        assert sum(each.open for each in found) == whole.totals.open == 4
        assert sum(each.index for each in found) == pytest.approx(whole.totals.index, abs=0.02)
    assert set(await groups(three, Level.TEAM)) == {"checkout", "payments", "lab", "triage"}
    retail = (await groups(three, Level.PROGRAMME))["retail"].measures.standing
    assert (retail.open, retail.by_class, retail.by_severity) == (2, {"track_star": 2}, {"high": 2})


async def test_an_asset_tells_whose_it_is(three):
    shop = (await groups(three, Level.ASSET))[SHOP]
    assert (shop.about.team, shop.about.tier, shop.about.programme) == ("checkout", "standard", "retail")
    empty = (await groups(three, Level.TEAM))["lab"]
    assert empty.measures.sla_met is None


async def test_times_rates_and_ratios(line):
    line.rules = in_force(known=teams())
    quick, slow = high(first_seen_at=ago(days=10)), high(first_seen_at=ago(days=60))
    late = state(observation(severity=Severity.HIGH), first_seen_at=ago(days=95))
    back, false = high(first_seen_at=ago(days=3)), high(first_seen_at=ago(days=1))
    await line.apply(quick, slow, late, back, false)
    gone = [resolved(f, resolved_at=f.first_seen_at + took * DAY) for f, took in ((quick, 2), (slow, 50), (late, 94))]
    await line.apply(*gone, resolved(back, resolved_at=ago(days=2)))
    await line.apply(reopened(resolved(back), opened_at=ago(days=1)))
    decide = Decide(line.database, FacetBook(), lambda: line.rules, lambda: None)
    await decide.one(principal(Scope.WRITE), false.finding_id, Ruling(Decision.FALSE_POSITIVE, "nothing there"))
    await snapshot(line)
    measured = (await groups(line, Level.TEAM))["checkout"].measures
    assert (measured.flow.resolved, measured.flow.met, measured.flow.late, measured.flow.reopened) == (3, 2, 1, 1)
    assert measured.sla_met == pytest.approx(2 / 3)
    assert measured.reopen_rate == pytest.approx(1 / 4)
    assert measured.false_positive_ratio == pytest.approx(1 / 2)
    spread = measured.flow.mttr["track_star"]
    assert (spread.count, round(spread.median / 86_400), round(spread.p90 / 86_400, 1)) == (3, 50, 85.2)
    assert measured.flow.mttr["all"] == spread
    assert measured.standing.mean_age == pytest.approx(3 * 86_400, rel=0.01)


async def test_time_to_detect_is_from_when_it_was_public_and_watched(line):
    line.rules = in_force(known=teams())
    await line.apply(high())
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE asset SET first_seen_at = now() - interval '40 days'")
        await tx.execute("UPDATE finding SET published_at = now() - interval '5 days'")
    await snapshot(line)
    spread = (await groups(line, Level.ASSET))[SHOP].measures.flow.mttd["track_star"]
    assert (spread.count, round(spread.median / 86_400)) == (1, 5)


async def test_the_backlog_of_onboarding_burns_down(line):
    onboarded = datetime.now(UTC).date() - timedelta(days=10)
    policy = Policy(sla=SlaPolicy(baseline=timedelta(days=20)))
    line.rules = in_force(policy, teams(onboarded=onboarded))
    before = [high(first_seen_at=ago(days=30 + number)) for number in range(4)]
    await line.apply(*before, high(first_seen_at=ago(days=1)))
    await line.apply(resolved(before[0], resolved_at=ago(days=2)))
    # What was gone before is no part of it.
    early = high(first_seen_at=ago(days=50))
    await line.apply(early)
    await line.apply(resolved(early, resolved_at=ago(days=40)))
    await snapshot(line)
    baseline = (await groups(line, Level.TEAM))["checkout"].measures.baseline
    assert (baseline.initial, baseline.remaining, baseline.burned_down) == (4, 3, 0.25)
    assert 1.8 < baseline.ideal <= 2
    assert (await groups(line, Level.PROGRAMME))["retail"].measures.baseline.initial == 4
    assert (await groups(line, Level.TEAM))["payments"].measures.baseline is None


async def test_a_snapshot_is_one_row_a_group_and_day(three):
    await snapshot(three)
    await three.apply(high(), asset=SHOP)
    await snapshot(three)
    rows = await three.rows("SELECT level, count(*) AS number FROM snapshot GROUP BY level ORDER BY level")
    assert [tuple(row.values()) for row in rows] == [("all", 1), ("asset", 4), ("programme", 1), ("team", 4)]
    ((row, measured),) = await trend(three)
    assert (row["day"], measured.standing.open) == (datetime.now(UTC).date(), 5)
    ((_, of_shop),) = await trend(three, Level.ASSET, SHOP)
    assert of_shop.standing.open == 2
    assert of_shop.standing.by_class == (await groups(three, Level.ASSET))[SHOP].measures.standing.by_class


async def test_of_many_replicas_one_takes_the_snapshot(three):
    await asyncio.gather(*(snapshot(three, every=timedelta(minutes=5)) for _ in range(4)))
    before = await three.rows("SELECT * FROM snapshot ORDER BY level, name")
    await snapshot(three, every=timedelta(minutes=5))
    assert await three.rows("SELECT * FROM snapshot ORDER BY level, name") == before
    assert len(before) == 10


async def test_days_that_are_over_stay_until_they_are_too_old(three):
    await snapshot(three)
    async with three.database.transaction() as tx:
        for days in (1, 5, 50):
            await tx.execute(
                "INSERT INTO snapshot SELECT level, name, day - $1::int, at, open, index, measures FROM snapshot"
                " WHERE day = (now() AT TIME ZONE 'UTC')::date",
                days,
            )
    await snapshot(three, kept=30)
    assert [(datetime.now(UTC).date() - row["day"]).days for row, _ in await trend(three)] == [5, 1, 0]
    assert len(await trend(three, days=3)) == 2


async def test_who_may_see_some_assets_only_sees_their_part_and_no_trend_of_the_rest(three):
    await snapshot(three)
    some = principal(Scope.READ, assets=(SHOP,))
    assert set(await groups(three, Level.ASSET, some)) == {SHOP}
    assert (await groups(three, Level.PROGRAMME, some))["retail"].measures.standing.open == 1
    assert len(await trend(three, Level.ASSET, SHOP, some)) == 1
    for level, name in ((Level.ALL, ""), (Level.TEAM, "checkout"), (Level.ASSET, BILLING)):
        with pytest.raises(UnknownGroupError):
            await trend(three, level, name, some)


async def test_over_http_page_by_page_and_the_trend(three, make_settings):
    await snapshot(three)
    app = build(make_settings(config_dir=None))
    app.state.runtime.sweepers.clear()
    async with running_app(app) as client:
        names, cursor = [], {}
        while True:
            page = (await client.get("/v1/index", params={"by": "asset", "limit": 3, **cursor})).json()
            names += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert sorted(names) == sorted({SHOP, BILLING, LAB, "repo:github.com/acme/orphan"})
        found = (await client.get("/v1/index/trend", params={"by": "team", "group": "checkout"})).json()
        assert [(point["open"], point["baseline"]) for point in found["points"]] == [(1, None)]
        assert (await client.get("/v1/index/trend")).json()["points"][0]["open"] == 4
        assert (await client.get("/v1/index")).json()["open"] == 4
        for wrong, status in (
            ({"by": "team"}, 400),
            ({"group": "x"}, 400),
            ({"by": "team", "group": "nobody"}, 404),
            ({"by": "month", "group": "x"}, 422),
        ):
            assert (await client.get("/v1/index/trend", params=wrong)).status_code == status
        assert (await client.get("/v1/index", params={"by": "asset", "cursor": "x"})).status_code == 400
