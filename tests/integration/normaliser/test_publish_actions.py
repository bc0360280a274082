"""A change of identity is due until the risk index has it: with growing pauses, and not for ever."""

import asyncio

import pytest
from redis.asyncio import Redis
from tests.integration.normaliser.scan_kit import problem

from sluice_normaliser import metrics
from sluice_normaliser.application.change_identity import ChangeIdentity
from sluice_normaliser.application.publish_actions import Patience, PublishActions
from sluice_normaliser.application.publish_changes import Publisher
from sluice_shared.bus import Bus
from sluice_shared.contracts.topics import FINDINGS
from sluice_shared.errors import Unavailable


@pytest.fixture
def actions(database, bus):
    return PublishActions(database, bus, Publisher(database, bus), Patience(base=10.0, cap=60.0, most=3))


@pytest.fixture
async def action(database, line, actions):
    """A split that has just been made, and published once; returns a function that reads its row."""
    await line.scan(0, problem("bandit words", shared="x"), scanner="bandit")
    await line.scan(0, problem("semgrep words", shared="x"), scanner="semgrep")
    (finding,) = await line.rows()
    await ChangeIdentity(database, actions).split(finding["id"], scanner="bandit", actor="lead", reason="not the same")

    async def row():
        (found,) = await line.rows(
            "SELECT a.action_id, a.attempts, a.due_at = 'infinity' AS stuck, a.due_at IS NULL AS settled,"
            " CASE WHEN a.due_at < 'infinity' THEN extract(epoch FROM a.due_at - now())::float8 END AS pause"
            " FROM action a JOIN identity_event e ON e.report_id = a.action_id WHERE e.asset_id = $1"
            " AND e.actor = 'lead' LIMIT 1"
        )
        return found

    return row


async def fall_due(database):
    async with database.transaction() as tx:
        await tx.execute("UPDATE action SET due_at = now() WHERE due_at < 'infinity'")


async def acknowledged(bus):
    """Wait until nothing is in line: what was published is taken, and nobody has confirmed it."""
    for _ in range(500):
        if not (await bus.backlog(FINDINGS)).length:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it is in line still")


async def test_pauses_grow_and_then_it_is_stuck_until_it_is_replayed(database, bus, actions, action, published):
    action_id = (await action())["action_id"]
    pauses = [(await action())["pause"]]
    for _ in range(2):
        await acknowledged(bus)
        await fall_due(database)
        assert await actions() == 1
        pauses.append((await action())["pause"])
    assert 7 <= pauses[0] <= 12.1
    assert 15 <= pauses[1] <= 24.1
    assert 31 <= pauses[2] <= 48.1
    await acknowledged(bus)
    await fall_due(database)
    assert await actions() == 0
    assert (await action())["stuck"]
    await actions.count_stuck()
    assert metrics.ACTIONS_STUCK._value.get() == 1
    assert len(await published(action_id, chunks=3)) == 3
    assert await actions.replay(by="lead") == 1
    assert await actions() == 1
    assert (await action())["attempts"] == 1
    await actions.settle(action_id)
    assert (await action())["settled"]
    assert await actions.replay(by="lead") == 0


async def test_what_may_still_be_in_line_is_left_alone_and_counts_as_no_attempt(database, redis_url, action):
    alone = Bus(redis_url, service="normaliser", consumer="alone", partitions=2)
    await alone.start()
    try:
        actions = PublishActions(database, alone, Publisher(database, alone), Patience(base=10.0))
        async with Redis.from_url(redis_url) as redis:
            # In the other partition something waits that was published long before.
            await redis.xadd(FINDINGS.stream(1), {"x": "y"}, id=f"{await _now(redis) - 60_000}-0")
        await fall_due(database)
        assert await actions() == 0
        row = await action()
        assert row["attempts"] == 1
        assert 8 <= row["pause"] <= 12
    finally:
        await alone.stop(0.2)


async def _now(redis):
    seconds, micros = await redis.time()
    return seconds * 1000 + micros // 1000


async def test_what_was_set_apart_is_stuck_at_once(actions, action):
    await actions.set_apart((await action())["action_id"], "a chunk was set apart")
    assert (await action())["stuck"]


async def test_what_redis_lost_is_due_at_once_and_that_publication_does_not_count(actions, action):
    await actions.after_loss()
    row = await action()
    assert row["attempts"] == 0
    assert row["pause"] <= 0


async def test_what_cannot_be_published_is_due_again_soon_and_that_counts_as_no_attempt(
    database, redis_url, bus, action
):
    unstarted = Bus(redis_url, service="normaliser", consumer="unstarted")
    actions = PublishActions(database, bus, Publisher(database, unstarted))
    await acknowledged(bus)
    await fall_due(database)
    with pytest.raises(Unavailable):
        await actions()
    row = await action()
    assert row["attempts"] == 1
    assert 0.5 <= row["pause"] <= 2.1
    # Whoever takes an action is not told: it is taken, and the sweeper publishes it.
    await actions.publish(row["action_id"])
    assert (await action())["attempts"] == 1
