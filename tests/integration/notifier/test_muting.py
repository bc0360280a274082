from datetime import timedelta
from uuid import uuid4

import pytest
from tests.unit.notifier import samples

from sluice_notifier.application.create_silence import CreateSilence, NewSilence
from sluice_notifier.application.expire_silence import ExpireSilence


@pytest.fixture
def configured(house, server):
    house.configure(
        f"""
receivers:
- name: hook
  webhook: {{url: {server.url}/hook, allow_private: true}}
route: {{receiver: hook, group_by: [team], group_wait: 10s, group_interval: 0s}}
inhibit:
- source: [level = escalated]
  target: ['level =~ "warned|breached"']
"""
    )
    return house


@pytest.fixture
def silence(configured):
    async def silence(*matchers, starts=0, lasts=3600):
        begin = configured.clock() + timedelta(seconds=starts)
        new = NewSilence(matchers, begin, begin + timedelta(seconds=lasts), "ada", "a migration")
        return await CreateSilence(configured.database, configured.clock)(new, token="ops")

    return silence


async def test_what_is_silenced_is_recorded_and_not_sent(configured, server, silence):
    held = await silence("team = payments")
    await configured.take(samples.alert(), samples.alert(team="platform"))
    await configured.deliver(wait=10)
    assert [request.json["team"] for request in server.requests] == ["platform"]
    rows = {row["state"]: row for row in await configured.deliveries()}
    assert rows["silenced"]["muted_by"] == f"silence {held.id}"
    assert rows["silenced"]["next_attempt_at"] is None


async def test_a_silence_takes_only_what_fits_out_of_a_message(configured, server, silence):
    await silence("severity =~ low|info")
    quiet, loud = samples.alert(severity="low"), samples.alert()
    await configured.take(quiet, loud)
    await configured.deliver(wait=10)
    assert [item["alert_id"] for item in server.requests[0].json["alerts"]] == [str(loud.alert_id)]
    (row,) = await configured.rows(
        "SELECT d.state FROM delivery d JOIN delivery_alert da ON da.delivery_id = d.id WHERE da.alert_id = $1",
        quiet.alert_id,
    )
    assert row["state"] == "silenced"


async def test_a_silence_that_has_ended_or_not_begun_mutes_nothing(configured, server, silence):
    ended = await silence("team = payments")
    await ExpireSilence(configured.database, configured.clock)(ended.id, by="ops")
    await silence("team = payments", starts=600)
    await configured.take(samples.alert())
    await configured.deliver(wait=10)
    assert len(server.requests) == 1


async def test_all_matchers_of_a_silence_have_to_hold(configured, server, silence):
    await silence("team = payments", "level = warned")
    await configured.take(samples.alert("breached"))
    await configured.deliver(wait=10)
    assert len(server.requests) == 1


async def test_a_stronger_alert_about_the_same_finding_inhibits_the_weaker(configured, server):
    finding = uuid4()
    escalated = samples.alert("escalated", finding_id=finding)
    await configured.take(samples.alert("breached", finding_id=finding), samples.alert("breached"), escalated)
    await configured.deliver(wait=10)
    assert server.requests[0].json["levels"] == {"breached": 1, "escalated": 1}
    (row,) = await configured.rows("SELECT muted_by FROM delivery WHERE state = 'silenced'")
    assert row["muted_by"] == "inhibit rule 1"


async def test_nothing_is_inhibited_by_what_was_resolved_since(configured, server):
    finding = uuid4()
    early = samples.NOW - timedelta(hours=2)
    await configured.take(
        samples.alert("escalated", finding_id=finding, raised_at=early, team="x"),
        samples.alert("resolved", finding_id=finding, raised_at=early + timedelta(hours=1), team="x"),
    )
    await configured.deliver(wait=10)
    await configured.take(samples.alert("warned", finding_id=finding, clock=1))
    await configured.deliver(wait=10)
    assert server.requests[-1].json["level"] == "warned"
