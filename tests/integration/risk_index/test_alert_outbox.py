"""An alert stays due until notifier says that it has it."""

from datetime import UTC, datetime
from uuid import uuid4

from redis.asyncio import Redis
from tests.integration.risk_index.risk_kit import URL, catalogue, event, eventually, in_force, observation, state

from sluice_risk_index import metrics
from sluice_risk_index.application.publish_alerts import Patience, PublishAlerts
from sluice_risk_index.application.replay_alerts import ReplayAlerts
from sluice_risk_index.domain.catalogue import Asset, ContactEntry, Team
from sluice_shared.bus import Bus
from sluice_shared.contracts.events import AlertLevel, AlertReceipt
from sluice_shared.contracts.finding import Kind, SecretDetail, Severity
from sluice_shared.contracts.topics import ALERTS
from sluice_shared.errors import Unavailable


def leak():
    key = observation("AWS key", kind=Kind.SECRET, secret=SecretDetail(verified=True), severity=Severity.CRITICAL)
    return state(key)


async def test_an_alert_carries_all_that_its_receiver_needs(line):
    known = catalogue(
        teams=(Team(name="checkout", contact=ContactEntry(slack="#shop", jira_project="SHOP")),),
        assets=(Asset(key=event().asset, owner="checkout", environment="production", tags=("pci",)),),
    )
    line.rules = in_force(known=known)
    found = leak()
    await line.apply(found)
    assert await line.publish() == 1
    await eventually(lambda: len(line.alerts) == 1)
    (alert,) = line.alerts
    assert (alert.level, alert.team, alert.tier) == (AlertLevel.OPENED, "checkout", "standard")
    assert (alert.contact.slack, alert.contact.jira_project) == ("#shop", "SHOP")
    assert alert.finding.finding_id == found.finding_id
    assert alert.finding.url == f"{URL}/v1/findings/{found.finding_id}"
    assert (alert.finding.title, alert.finding.location, alert.finding.risk_class) == (
        "AWS key",
        "src/shop/cart.py:7",
        "act",
    )
    assert alert.finding.due_at is not None
    assert alert.labels["environment"] == "production"
    assert alert.labels["tag:pci"] == "true"


async def test_a_published_alert_rests_and_comes_again_unless_it_is_settled(line):
    await line.apply(leak(), leak())
    assert await line.publish() == 2
    assert await line.publish() == 0
    await eventually(lambda: len(line.alerts) == 2)
    await line.settle(AlertReceipt(alert_ids=[line.alerts[0].alert_id, uuid4()], at=datetime.now(UTC)))
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE alert SET due_at = now()")
    assert await line.publish() == 1
    await eventually(lambda: len(line.alerts) == 3)
    assert line.alerts[2] == line.alerts[1]


async def test_pauses_grow_with_each_attempt(line):
    await line.apply(leak())
    publish = PublishAlerts(line.database, line.bus, Patience(base=10.0, cap=60.0))
    pauses = []
    for _ in range(5):
        await publish()
        (row,) = await line.rows("SELECT extract(epoch FROM due_at - published_at)::float8 AS pause FROM alert")
        pauses.append(round(row["pause"] / 10) * 10)
        async with line.database.transaction() as tx:
            await tx.execute("UPDATE alert SET due_at = now()")
    assert pauses[0] == 10
    assert pauses[1] == 20
    assert pauses[2] in (40, 30)
    assert pauses[4] in (50, 60, 70)


async def test_an_alert_that_cannot_be_published_stays_due(line, redis_url):
    await line.apply(leak())
    unstarted = Bus(redis_url, service="test", consumer="unstarted")
    try:
        await PublishAlerts(line.database, unstarted)()
    except Unavailable:
        pass
    else:
        raise AssertionError("a bus that was not started took an alert")
    assert await line.publish() == 1
    await eventually(lambda: len(line.alerts) == 1)


async def test_alerts_go_out_in_batches_of_at_most_a_hundred_a_team(line):
    await line.apply(*(leak() for _ in range(250)))
    assert await line.publish() == 250
    await eventually(lambda: len(line.alerts) == 250)
    assert len({alert.alert_id for alert in line.alerts}) == 250


async def test_alerts_that_nobody_confirms_are_at_last_stuck_and_can_be_replayed(line):
    publish = PublishAlerts(line.database, line.bus, Patience(most=2))
    await line.apply(leak())
    for _ in range(2):
        assert await publish() == 1
        await due_at_once(line)
    assert await publish() == 0
    await publish.count_stuck()
    assert metrics.ALERTS_STUCK._value.get() == 1
    assert await ReplayAlerts(line.database)(by="tester") == 1
    assert await publish() == 1
    await eventually(lambda: len(line.alerts) == 3)
    await publish.count_stuck()
    assert metrics.ALERTS_STUCK._value.get() == 0


async def test_publications_that_redis_did_not_take_do_not_count(line, redis_url):
    await line.apply(leak())
    broken = Bus(redis_url, service="test", consumer="unstarted")
    publish = PublishAlerts(line.database, line.bus)
    publish._bus = Backlogless(line.bus, broken)
    for _ in range(3):
        try:
            await publish()
        except Unavailable:
            await due_at_once(line)
    (row,) = await line.rows("SELECT attempts, published_at FROM alert")
    assert (row["attempts"], row["published_at"]) == (0, None)


async def test_alerts_that_nobody_confirms_travel_alone_so_that_one_holds_up_no_other(line):
    publish = PublishAlerts(line.database, line.bus)
    await line.apply(*(leak() for _ in range(5)))
    sizes = []
    for _ in range(3):
        seen = len(line.alerts)
        assert await publish() == 5
        await eventually(lambda seen=seen: len(line.alerts) == seen + 5)
        sizes.append(line.batches[-1])
        await due_at_once(line)
    assert sizes == [5, 5, 1]


async def test_while_notifier_is_away_alerts_are_published_once_and_then_wait(line, redis_url):
    silent = Bus(redis_url, service="test", consumer="producer")
    await silent.start()
    await line.bus.stop(1.0)
    line.apply_chunk._bus = silent
    async with Redis.from_url(redis_url) as redis:
        publish = PublishAlerts(line.database, silent, in_line=2)
        await line.apply(leak())
        assert await publish() == 1
        await due_at_once(line)
        assert await publish() == 0, "it is still in line"
        (row,) = await line.rows("SELECT attempts, due_at > now() + interval '10 seconds' AS waits FROM alert")
        assert (row["attempts"], row["waits"]) == (1, True)
        await line.apply(leak())
        assert await publish() == 1
        await line.apply(leak())
        assert await publish() == 0, "the line is full"
        assert await redis.xlen(ALERTS.stream(0)) == 2
    await silent.stop(1.0)


async def test_what_a_flushed_redis_has_lost_is_published_again_at_once(line):
    publish = PublishAlerts(line.database, line.bus)
    await line.apply(leak(), leak())
    assert await publish() == 2
    assert await publish() == 0
    await publish.after_loss()
    assert await publish() == 2
    await eventually(lambda: len(line.alerts) == 4)
    rows = await line.rows("SELECT attempts FROM alert")
    assert [row["attempts"] for row in rows] == [1, 1]


class Backlogless:
    """A bus that can be measured, and takes nothing."""

    def __init__(self, healthy, broken):
        self.backlog = healthy.backlog
        self.publish = broken.publish


async def due_at_once(line):
    async with line.database.transaction() as tx:
        await tx.execute("UPDATE alert SET due_at = now() WHERE due_at < 'infinity'")
