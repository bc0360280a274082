from datetime import UTC, datetime

import pytest
from tests.integration.notifier.servers import Reply
from tests.unit.notifier import samples


def hook(server, text=""):
    return f"""
receivers:
- name: hook
  webhook: {{url: {server.url}/hook, allow_private: true}}
- name: capped
  max_per_hour: 2
  webhook: {{url: {server.url}/capped, allow_private: true}}
route:
  receiver: hook
  group_wait: 10s
  group_interval: 5m
{text}"""


def sizes(server):
    return [request.json["total"] for request in server.requests]


async def test_alerts_of_a_group_that_come_close_together_are_one_message(house, server):
    house.configure(hook(server))
    await house.take(samples.alert(), samples.alert())
    assert await house.deliver(wait=5) == 0
    await house.take(samples.alert())
    await house.deliver(wait=5)
    assert sizes(server) == [3]
    assert server.requests[0].json["group"] == {"level": "breached", "team": "payments"}


async def test_another_team_or_level_is_another_message(house, server):
    house.configure(hook(server))
    await house.take(samples.alert(), samples.alert("warned"), samples.alert(team="platform"))
    await house.deliver(wait=10)
    assert sizes(server) == [1, 1, 1]


async def test_the_next_message_of_a_group_waits_for_the_interval(house, server):
    house.configure(hook(server))
    await house.take(samples.alert())
    await house.deliver(wait=10)
    await house.take(samples.alert(), samples.alert("warned"))
    await house.deliver(wait=10)
    assert [request.json["level"] for request in server.requests] == ["breached", "warned"]
    await house.take(samples.alert())
    assert await house.deliver(wait=280) == 0
    await house.deliver(wait=10)
    assert sizes(server) == [1, 1, 2]


async def test_a_wait_of_none_sends_at_once(house, server):
    house.configure(hook(server, "  routes: [{match: [level = escalated], group_wait: 0s}]"))
    await house.take(samples.alert("escalated"))
    assert house.wakes == 1
    assert await house.deliver() == 1


async def test_a_group_s_next_message_waits_for_the_one_before(house, server):
    house.configure(hook(server).replace("5m", "0s"))
    server.fixed = Reply(503)
    await house.take(samples.alert(title="first"))
    await house.deliver(wait=10)
    await house.take(samples.alert(title="second"))
    await house.take(samples.alert(title="third"))
    server.fixed = None
    await house.deliver(wait=60)
    titles = [[item["title"] for item in request.json["alerts"]] for request in server.requests]
    assert titles[:2] == [["first"], ["first"]]
    assert sorted(titles[2]) == ["second", "third"]


async def test_a_very_large_group_says_how_many_are_not_shown(house, server):
    house.configure(hook(server))
    alerts = [samples.alert(score=float(n % 100)) for n in range(700)]
    await house.take(*alerts)
    await house.deliver(wait=10)
    body = server.requests[0].json
    assert (body["total"], len(body["alerts"]), body["more"]) == (700, 500, 200)
    assert body["alerts"][0]["score"] == 99


async def test_what_exceeds_the_hourly_limit_becomes_one_digest(house, server):
    house.configure(hook(server, "  routes: [{receiver: capped, group_wait: 0s}]"))
    await house.take(*(samples.alert(team=f"team-{n}") for n in range(5)))
    await house.deliver()
    assert len(server.requests) == 2
    assert sorted(await house.states()) == ["due", "sent", "sent", "superseded", "superseded", "superseded"]
    await house.take(samples.alert(team="late"), samples.alert("warned", team="late"))
    await house.deliver(wait=600)
    assert len(server.requests) == 2
    await house.deliver(wait=3001)
    assert len(server.requests) == 3
    digest = server.requests[2].json
    assert (digest["type"], digest["total"], digest["level"]) == ("digest", 5, "breached")
    assert digest["levels"] == {"breached": 4, "warned": 1}
    told = [item["alert_id"] for request in server.requests for item in request.json["alerts"]]
    assert len(told) == len(set(told)) == 7
    (row,) = await house.rows("SELECT count(*) AS n FROM delivery WHERE state = 'superseded' AND superseded_by IS NULL")
    assert row["n"] == 0


async def test_quiet_hours_are_waited_out(house, server):
    house.configure(
        hook(server, "  routes: [{match: [level = escalated], quiet_hours: []}]\n  quiet_hours: [nights]")
        + '\nquiet_hours: [{name: nights, timezone: Europe/Berlin, times: [{from: "20:00", to: "07:00"}]}]\n'
    )
    house.clock.now = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # 21:00 in Berlin
    await house.take(samples.alert(), samples.alert("escalated"))
    await house.deliver(wait=10)
    assert [request.json["level"] for request in server.requests] == ["escalated"]
    assert await house.deliver(wait=9 * 3600) == 0
    assert await house.deliver(wait=3600) == 1
    assert house.clock.now < datetime(2026, 3, 3, 6, 1, tzinfo=UTC)


async def test_a_changed_file_holds_for_what_comes_then(house, server):
    house.configure(hook(server))
    await house.take(samples.alert(team="a"))
    house.configure(hook(server, "  routes: [{match: [team = b], group_wait: 0s}]"))
    await house.take(samples.alert(team="b"))
    await house.deliver()
    assert [request.json["team"] for request in server.requests] == ["b"]


async def test_without_a_file_everything_goes_to_the_log(house, capsys):
    await house.take(samples.alert(title="nobody was told of this"))
    await house.deliver(wait=10)
    assert "nobody was told of this" in capsys.readouterr().out
    assert await house.states() == ["sent"]


@pytest.mark.parametrize("level", ["opened", "reopened", "warned", "breached", "escalated", "resolved"])
async def test_every_level_can_be_told(house, server, level):
    house.configure(hook(server))
    await house.take(samples.alert(level))
    await house.deliver(wait=10)
    assert server.requests[0].json["level"] == level
