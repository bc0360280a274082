import asyncio

import orjson
import pytest
from redis.asyncio import Redis
from tests.integration.notifier.house import House
from tests.integration.notifier.servers import HttpServer, Reply
from tests.unit.notifier import samples

from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import Tools
from sluice_shared.contracts.events import AlertsRaised
from sluice_shared.contracts.topics import ALERT_RECEIPTS


def one_webhook(server, **more):
    options = "".join(f"\n  {name}: {value}" for name, value in more.items())
    return f"""
receivers:
- name: hook
  webhook: {{url: {server.url}/hook, allow_private: true}}
- name: archive
  webhook: {{url: {server.url}/archive, allow_private: true}}
route:
  receiver: hook
  group_wait: 0s
  group_interval: 0s{options}
"""


@pytest.fixture
def configured(house, server):
    house.configure(one_webhook(server))
    return house


def alert_ids(server):
    return [item["alert_id"] for request in server.requests for item in request.json["alerts"]]


async def test_an_alert_is_delivered_and_receipted(configured, server, redis_url):
    alert = samples.alert()
    await configured.take(alert)
    assert await configured.deliver() == 1
    (request,) = server.requests
    assert request.json["alerts"][0]["alert_id"] == str(alert.alert_id)
    (row,) = await configured.deliveries()
    assert (row["state"], row["attempts"], row["sent_at"]) == ("sent", 1, samples.NOW)
    assert request.headers["webhook-id"] == row["idempotency_key"]
    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(ALERT_RECEIPTS.stream(0)) == 1


async def test_an_alert_that_is_known_is_receipted_again_and_not_delivered_again(configured, server, redis_url):
    alert = samples.alert()
    for _ in range(3):
        await configured.take(alert)
        await configured.deliver(wait=60)
    assert len(server.requests) == 1
    async with Redis.from_url(redis_url) as redis:
        entries = await redis.xrange(ALERT_RECEIPTS.stream(0))
    assert len(entries) == 3


async def test_an_empty_batch_is_no_fault(configured):
    await configured.take_event(AlertsRaised(alerts=[]))
    assert await configured.deliveries() == []


async def test_ten_times_at_once_in_two_replicas_is_once(configured, server, migrated, bus, http, tmp_path):
    other = House(migrated, bus, tmp_path, configured.clock, http)
    other.routes = configured.routes
    batch = [samples.alert(team=f"team-{n % 3}", level=level) for n in range(20) for level in ("warned", "breached")]
    event = AlertsRaised(alerts=batch)
    shuffled = AlertsRaised(alerts=batch[::-1])
    await asyncio.gather(
        *(house.take_event(e) for _ in range(10) for house, e in ((configured, event), (other, shuffled)))
    )
    for _ in range(3):
        await asyncio.gather(configured.deliver(wait=1), other.deliver(wait=1))
    assert sorted(alert_ids(server)) == sorted(str(alert.alert_id) for alert in batch)
    (row,) = await configured.rows("SELECT count(*) AS links FROM delivery_alert")
    assert row["links"] == len(batch)
    assert set(await configured.states()) == {"sent"}


async def test_each_receiver_gets_an_alert_once_however_many_routes_lead_there(house, server):
    house.configure(
        one_webhook(
            server,
            routes="[{match: [team = payments], receiver: archive, continue: true},"
            " {match: [level = breached], receiver: archive, continue: true}, {receiver: hook}]",
        )
    )
    await house.take(samples.alert())
    await house.deliver()
    assert sorted(request.path for request in server.requests) == ["/archive", "/hook"]


async def test_a_receiver_that_is_down_gets_it_when_it_is_back(configured, server):
    server.fixed = Reply(503)
    await configured.take(samples.alert())
    await configured.deliver()
    (row,) = await configured.deliveries()
    assert (row["state"], row["last_reason"]) == ("due", "unavailable")
    assert 5 <= (row["next_attempt_at"] - samples.NOW).total_seconds() <= 6
    await configured.deliver(wait=6)
    assert await configured.states() == ["due"]
    server.fixed = None
    assert await configured.deliver(wait=6) == 0
    assert await configured.deliver(wait=6) == 1
    (row,) = await configured.deliveries()
    assert (row["state"], row["attempts"], row["last_error"]) == ("sent", 3, None)
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1


async def test_a_provider_s_retry_after_is_kept_to(configured, server):
    server.next(Reply(429, headers={"Retry-After": "600"}))
    await configured.take(samples.alert())
    await configured.deliver()
    assert await configured.deliver(wait=599) == 0
    assert await configured.deliver(wait=122) == 1
    assert await configured.states() == ["sent"]


async def test_what_nobody_took_for_a_day_is_given_up(configured, server):
    server.fixed = Reply(500, b"see https://x.io/?token=hunter2")
    await configured.take(samples.alert())
    for _ in range(26 * 3):
        await configured.deliver(wait=1200)
    (row,) = await configured.deliveries()
    assert (row["state"], row["last_reason"]) == ("failed", "gave_up")
    assert "500" in row["last_error"]
    hours = (configured.clock.now - samples.NOW).total_seconds() / 3600
    assert hours > 24
    assert row["attempts"] > 60
    assert "hunter2" not in row["last_error"]


async def test_what_can_never_be_taken_fails_at_once(configured, server):
    server.fixed = Reply(400, b"no such field")
    await configured.take(samples.alert())
    await configured.deliver()
    assert await configured.deliver(wait=3600) == 0
    (row,) = await configured.deliveries()
    assert (row["state"], row["last_reason"], row["attempts"]) == ("failed", "invalid_request", 1)
    assert "no such field" in row["last_error"]


async def test_a_process_that_dies_after_sending_repeats_it_under_the_same_key(configured, server):
    await configured.take(samples.alert())
    async with configured.database.transaction() as tx:
        (claimed,) = await configured.claim(tx, configured.routes, {"hook": 1}, configured.clock())
    receiver = configured.routes.receivers["hook"]
    tools = Tools(configured.http, configured.clock())
    await registry()["webhook"].deliver(claimed.message, receiver.options, tools)
    # Nothing was recorded: the process is gone, and its lease ends after a minute.
    assert await configured.deliver(wait=59) == 0
    assert await configured.deliver(wait=2) == 1
    first, second = server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    (row,) = await configured.deliveries()
    assert (row["state"], row["attempts"]) == ("sent", 2)


async def test_a_slow_receiver_holds_up_no_other(house, server):
    with HttpServer() as slow:
        slow.fixed = Reply(delay=1.5)
        house.configure(
            one_webhook(server).replace(f"{server.url}/archive", f"{slow.url}/archive")
            + "  routes: [{match: [team = slow], receiver: archive}]\n"
        )
        await house.take(samples.alert(team="slow"))
        await house.deliver_due()
        await house.take(samples.alert(team="payments"))
        await house.deliver_due()
        async with asyncio.timeout(1.0):
            while not server.requests:  # noqa: ASYNC110 - another thread fills it
                await asyncio.sleep(0.01)
        assert not [row for row in await house.deliveries() if row["receiver"] == "archive" and row["state"] == "sent"]
        await house.deliver_due.drain()


async def test_at_most_so_many_messages_are_under_way_to_one_receiver(configured, server):
    server.fixed = Reply(delay=0.2)
    await configured.take(*(samples.alert(team=f"team-{n}") for n in range(10)))
    assert [await configured.deliver_due() for _ in range(3)] == [4, 0, 0]
    await configured.deliver_due.drain()
    assert await configured.deliver_due() == 4
    await configured.deliver_due.drain()


async def test_a_receiver_that_left_the_file_fails_after_a_day(configured, server):
    await configured.take(samples.alert())
    configured.routes = type(configured.routes)(
        root=configured.routes.root.model_copy(update={"receiver": "archive"}),
        receivers={"archive": configured.routes.receivers["archive"]},
    )
    assert await configured.deliver(wait=3600) == 0
    assert await configured.states() == ["due"]
    await configured.deliver(wait=24 * 3600)
    (row,) = await configured.deliveries()
    assert (row["state"], row["last_reason"]) == ("failed", "gave_up")
    assert server.requests == []


async def test_a_broken_channel_neither_loses_the_message_nor_stops_others(configured, monkeypatch):
    async def broken(*_):
        raise RuntimeError("a fault")

    whole = registry()["webhook"]
    monkeypatch.setattr(
        "sluice_notifier.application.attempt_delivery.registry", lambda: {"webhook": _with(whole, broken)}
    )
    await configured.take(samples.alert())
    await configured.deliver()
    (row,) = await configured.deliveries()
    assert (row["state"], row["last_reason"]) == ("due", "internal")


def _with(channel, deliver):
    return type(channel)(options=channel.options, deliver=deliver)


async def test_no_secret_is_in_a_row(house, server, monkeypatch):
    monkeypatch.setenv("SLACK_HOOK", f"{server.url}/services/T0/B0/0123456789abcdef")
    house.configure(
        "receivers: [{name: s, slack: {url_env: SLACK_HOOK, allow_private: true}}]\n"
        "route: {receiver: s, group_wait: 0s}"
    )
    server.fixed = Reply(400, echo=True)
    await house.take(samples.alert())
    await house.deliver()
    (row,) = await house.rows("SELECT to_jsonb(d)::text AS everything FROM delivery d")
    assert "0123456789abcdef" not in row["everything"]
    assert orjson.loads(row["everything"])["last_reason"] == "invalid_request"
