import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.integration.notifier.platform import IngestServer, bearer, running
from tests.integration.notifier.servers import Reply
from tests.unit.notifier import samples

from sluice_shared.bus import Bus
from sluice_shared.contracts.events import AlertsRaised
from sluice_shared.contracts.topics import ALERT_RECEIPTS, ALERTS

READER, WRITER = bearer("slu_reader"), bearer("slu_writer")


@pytest.fixture
def ingest():
    with IngestServer() as server:
        yield server


@pytest.fixture
def folder(server, tmp_path):
    (tmp_path / "routes.yaml").write_text(
        f"""
receivers:
- name: hook
  webhook: {{url: {server.url}/hook, token_env: HOOK_TOKEN}}
route: {{receiver: hook, group_wait: 0s, group_interval: 0s}}
"""
    )
    return tmp_path


@pytest.fixture
async def client(migrated, database_url, redis_url, folder, ingest, monkeypatch):  # noqa: ARG001 - empties tables
    monkeypatch.setenv("HOOK_TOKEN", "a-very-secret-token")
    async with running(database_url, redis_url, folder, ingest.url) as client:
        yield client


@pytest.fixture
async def risk_index(redis_url):
    """Publishes alerts and keeps the receipts, as risk-index does."""
    receipts = []

    async def handle(event, _delivery):
        receipts.append(event)

    bus = Bus(redis_url, service="risk-index", consumer="risk-index")
    bus.subscribe(ALERT_RECEIPTS, "risk-index", handle)
    await bus.start()
    bus.receipts = receipts
    yield bus
    await bus.stop(grace=0.2)


async def until(condition, within=15.0):
    async with asyncio.timeout(within):
        while not (found := await condition()):  # noqa: ASYNC110 - it is asked, it does not tell
            await asyncio.sleep(0.05)
        return found


async def get(client, path, **params):
    response = await client.get(path, params=params, headers=READER)
    assert response.status_code == 200, response.text
    return response.json()


async def ended(client, count):
    async def all_ended():
        items = (await get(client, "/v1/deliveries"))["items"]
        return items if len(items) == count and all(item["state"] != "due" for item in items) else None

    return await until(all_ended)


async def test_alerts_published_ten_times_to_two_replicas_arrive_once(
    client, risk_index, database_url, redis_url, folder, ingest, server
):
    batches = [AlertsRaised(alerts=[samples.alert(team=f"t{n}-{m}") for m in range(5)]) for n in range(4)]
    wanted = {alert.alert_id for batch in batches for alert in batch.alerts}
    async with running(database_url, redis_url, folder, ingest.url):
        for _ in range(10):
            for batch in batches:
                await risk_index.publish(ALERTS, batch, key="team")

        async def all_receipted():
            return len(risk_index.receipts) == 40

        await until(all_receipted)
        await ended(client, 20)
    arrived = [item["alert_id"] for request in server.requests for item in request.json["alerts"]]
    assert sorted(arrived) == sorted(str(one) for one in wanted)
    assert {one for receipt in risk_index.receipts for one in receipt.alert_ids} == wanted


async def test_the_log_can_be_asked_for_what_became_of_an_alert(client, risk_index, server):
    server.next(Reply(400, b"bad"))
    failed, sent = samples.alert(team="a"), samples.alert("warned", team="b")
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[failed]), key="a")
    await ended(client, 1)
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[sent]), key="b")
    await ended(client, 2)
    for params, teams in (
        ({}, ["b", "a"]),
        ({"state": "sent"}, ["b"]),
        ({"state": "failed"}, ["a"]),
        ({"state": "due", "limit": 1}, []),
        ({"team": "a"}, ["a"]),
        ({"level": "warned"}, ["b"]),
        ({"receiver": "hook"}, ["b", "a"]),
        ({"receiver": "other"}, []),
        ({"alert_id": str(sent.alert_id)}, ["b"]),
        ({"finding_id": str(failed.finding.finding_id)}, ["a"]),
        ({"team": "a", "level": "warned"}, []),
    ):
        found = await get(client, "/v1/deliveries", **params)
        assert [item["teams"] for item in found["items"]] == [[team] for team in teams], params
    (item,) = (await get(client, "/v1/deliveries", team="a"))["items"]
    assert (item["reason"], item["attempts"], item["alert_ids"]) == ("invalid_request", 1, [str(failed.alert_id)])
    detail = await get(client, f"/v1/deliveries/{item['id']}")
    assert detail["message"]["items"][0]["title"] == "SQL injection"


async def test_pages_follow_each_other_without_gap_or_overlap(client, risk_index):
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[samples.alert(team=f"t{n}") for n in range(7)]), key="k")
    await ended(client, 7)
    seen, cursor = [], None
    while True:
        page = await get(client, "/v1/deliveries", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)
    assert (await client.get("/v1/deliveries?cursor=nonsense", headers=READER)).status_code == 400


async def test_what_failed_can_be_tried_again_as_the_same_message(client, risk_index, server):
    server.next(Reply(404))
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[samples.alert()]), key="k")
    (failed,) = await ended(client, 1)
    assert failed["state"] == "failed"
    response = await client.post(f"/v1/deliveries/{failed['id']}/retry", headers=WRITER)
    assert (response.status_code, response.json()["state"]) == (202, "due")
    (sent,) = await ended(client, 1)
    assert (sent["state"], sent["attempts"]) == ("sent", 2)
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1
    again = await client.post(f"/v1/deliveries/{failed['id']}/retry", headers=WRITER)
    assert (again.status_code, again.json()["code"]) == (409, "not_failed")
    missing = await client.post(f"/v1/deliveries/{uuid4()}/retry", headers=WRITER)
    assert (missing.status_code, missing.json()["code"]) == (404, "no_delivery")


async def test_a_token_sees_deliveries_of_its_assets_only(client, risk_index):
    mine = samples.alert(team="a", asset="repo:github.com/acme/shop")
    mixed = [samples.alert(team="b", asset=asset) for asset in ("repo:github.com/acme/shop", "repo:github.com/acme/hr")]
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[mine, *mixed]), key="k")
    everything = await ended(client, 2)
    response = await client.get("/v1/deliveries", headers=bearer("slu_shop"))
    assert [item["teams"] for item in response.json()["items"]] == [["a"]]
    hidden = next(item["id"] for item in everything if item["teams"] == ["b"])
    assert (await client.get(f"/v1/deliveries/{hidden}", headers=bearer("slu_shop"))).status_code == 404


async def test_silences_are_made_listed_and_ended(client, risk_index, server):
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"matchers": ["team = payments"], "ends_at": end, "created_by": "ada", "comment": "a migration"}
    made = await client.post("/v1/silences", json=body, headers=WRITER)
    assert made.status_code == 201
    silence = made.json()
    assert (silence["state"], silence["created_by"], silence["matchers"]) == ("active", "ada", ["team = payments"])
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[samples.alert()]), key="k")
    (muted,) = await ended(client, 1)
    assert (muted["state"], muted["muted_by"], server.requests) == ("silenced", f"silence {silence['id']}", [])
    assert [one["id"] for one in (await get(client, "/v1/silences"))["items"]] == [silence["id"]]
    assert (await client.delete(f"/v1/silences/{silence['id']}", headers=WRITER)).status_code == 204
    assert (await get(client, "/v1/silences"))["items"] == []
    (old,) = (await get(client, "/v1/silences", expired=True))["items"]
    assert old["state"] == "expired"
    assert (await client.delete(f"/v1/silences/{uuid4()}", headers=WRITER)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"matchers": []},
        {"matchers": ["team payments"]},
        {"matchers": ['team =~ "("']},
        {"ends_at": "2020-01-01T00:00:00Z"},
        {"ends_at": "2999-01-01T00:00:00Z"},
        {"starts_at": "2998-01-01T00:00:00Z"},
        {"comment": " "},
        {"duration": "1h"},
    ],
)
async def test_a_silence_that_cannot_be_is_refused(client, change):
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"matchers": ["team = payments"], "ends_at": end, "comment": "why"} | change
    response = await client.post("/v1/silences", json=body, headers=WRITER)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_receivers_are_shown_without_their_secrets_and_can_be_tested(client, server):
    (receiver,) = (await get(client, "/v1/receivers"))["items"]
    assert receiver == {"name": "hook", "channel": "webhook", "max_per_hour": None, "due": 0, "last": None}
    sent = await client.post("/v1/receivers/hook/test", headers=WRITER)
    assert sent.json()["outcome"] == "sent"
    assert server.requests[0].json["type"] == "test"
    server.next(Reply(401, echo=True))
    failed = (await client.post("/v1/receivers/hook/test", headers=WRITER)).json()
    assert (failed["outcome"], failed["reason"], failed["retryable"]) == ("failed", "auth", False)
    assert "a-very-secret-token" not in failed["detail"]
    missing = await client.post("/v1/receivers/nobody/test", headers=WRITER)
    assert (missing.status_code, missing.json()["receivers"]) == (404, ["hook"])


async def test_a_receiver_shows_how_its_last_delivery_went(client, risk_index, server):
    server.next(Reply(404))
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[samples.alert()]), key="k")
    await ended(client, 1)
    (receiver,) = (await get(client, "/v1/receivers"))["items"]
    assert (receiver["last"]["state"], receiver["last"]["reason"]) == ("failed", "not_found")


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", "/v1/deliveries", None, 401),
        ("GET", "/v1/deliveries", "slu_unknown", 401),
        ("GET", "/v1/deliveries", "slu_pusher", 403),
        ("GET", "/v1/silences", "slu_pusher", 403),
        ("GET", "/v1/receivers", "slu_pusher", 403),
        ("POST", "/v1/silences", "slu_reader", 403),
        ("POST", "/v1/silences", "slu_shop", 403),
        ("DELETE", f"/v1/silences/{uuid4()}", "slu_reader", 403),
        ("POST", f"/v1/deliveries/{uuid4()}/retry", "slu_reader", 403),
        ("POST", "/v1/receivers/hook/test", "slu_reader", 403),
    ],
)
async def test_each_route_asks_for_its_scope(client, method, path, token, status):
    response = await client.request(method, path, headers=bearer(token) if token else {})
    assert response.status_code == status


async def test_metrics_count_what_happened(client, risk_index, server):
    server.next(Reply(404))
    await risk_index.publish(ALERTS, AlertsRaised(alerts=[samples.alert("escalated")]), key="k")
    await ended(client, 1)
    text = (await client.get("/metrics")).text
    for line in (
        'sluice_deliveries_total{outcome="failed",receiver="hook"}',
        'sluice_delivery_seconds_count{receiver="hook"}',
        'sluice_deliveries_due{receiver="hook"} 0.0',
        'sluice_alerts_received_total{level="escalated"}',
        'sluice_delivery_failures_total{reason="not_found",receiver="hook"}',
    ):
        assert line in text


async def test_the_openapi_document_tells_what_a_webhook_gets(client):
    document = (await client.get("/openapi.json")).json()
    assert "WebhookBody" in str(document["webhooks"]["alerts"])
    assert "level" in document["components"]["schemas"]["WebhookBody"]["properties"]
