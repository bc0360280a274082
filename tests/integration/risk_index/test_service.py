"""The whole service: from the stream to the page, the alert and the metric."""

import asyncio
from uuid import uuid4

import httpx
import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine
from tests.integration.risk_index.risk_kit import (
    SHOP,
    ago,
    event,
    eventually,
    observation,
    publish,
    resolved,
    running_app,
    state,
)

from sluice_risk_index.main import build
from sluice_risk_index.storage.tables import SCHEMA, Base
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.contracts.topics import FINDINGS

POLICY = """
sla:
  requirements:
    - {class: attend, within: 2s}
  warn: [0.5]
  escalate: []
"""
CATALOGUE = """
kind: team
name: checkout
---
kind: asset
key: repo:github.com/acme/shop
owner: OWNER
---
kind: team
name: payments
"""


def configure(folder, policy=POLICY, owner="checkout"):
    (folder / "catalog").mkdir(exist_ok=True)
    (folder / "policy.yaml").write_text(policy)
    (folder / "catalog" / "all.yaml").write_text(CATALOGUE.replace("OWNER", owner))
    return folder


async def until(client, path, holds, within=15.0, **params):
    """Ask again and again until the answer is as wanted."""
    end = asyncio.get_running_loop().time() + within
    while True:
        answer = await client.get(path, params=params)
        if holds(answer):
            return answer
        assert asyncio.get_running_loop().time() < end, answer.text
        await asyncio.sleep(0.05)


async def test_from_the_stream_to_the_page_the_alerts_and_the_receipt(line, make_settings, redis_url, tmp_path):
    settings = make_settings(config_dir=configure(tmp_path))
    async with running_app(build(settings)) as client:
        found = state(observation(severity=Severity.CRITICAL), first_seen_at=ago(seconds=0))
        await publish(redis_url, event(found))
        page = (await until(client, "/v1/findings", lambda a: a.json()["items"])).json()
        assert [item["id"] for item in page["items"]] == [str(found.finding_id)]
        await eventually(lambda: len(line.receipts) == 1)
        await eventually(lambda: len(line.alerts) == 2, within=15)
        assert [alert.level.value for alert in line.alerts] == ["warned", "breached"]
        assert line.alerts[0].raised_at >= found.opened_at
        assert (line.alerts[1].raised_at - found.opened_at).total_seconds() >= 2
        item = (await client.get("/v1/findings")).json()["items"][0]
        assert item["sla_state"] == "breached"


async def test_an_unreadable_event_is_set_apart_and_the_next_one_is_taken(line, make_settings, redis_url):
    bad = event(state())
    text = bad.model_dump(mode="json")
    text["findings"][0]["observations"][0].pop("title")
    settings = make_settings()
    async with running_app(build(settings)) as client:
        await line.bus.publish(FINDINGS, orjson.dumps(text), key=SHOP)
        await publish(redis_url, event(state()))
        await until(client, "/v1/findings", lambda a: len(a.json()["items"]) == 1)
        (dead,) = await line.bus.dead_letters()
        assert (dead.letter.reason if hasattr(dead, "letter") else dead.reason) == "unreadable_observation"


@pytest.mark.usefixtures("line")
async def test_changed_files_are_applied_and_wrong_ones_are_not(make_settings, tmp_path):
    settings = make_settings(config_dir=configure(tmp_path))
    async with running_app(build(settings)) as client:
        found = state(observation(severity=Severity.MEDIUM))
        await publish(settings.redis_url.get_secret_value(), event(found))
        await until(client, "/v1/findings", lambda a: [i["team"] for i in a.json()["items"]] == ["checkout"])
        configure(tmp_path, owner="payments")
        await until(client, "/v1/findings", lambda a: [i["team"] for i in a.json()["items"]] == ["payments"])
        configure(tmp_path, owner="nobody")
        ready = await until(client, "/readyz", lambda a: a.json()["checks"]["config"]["status"] == "outdated")
        assert ready.status_code == httpx.codes.OK
        assert "no team is called 'nobody'" in ready.text
        assert (await client.get("/v1/findings")).json()["items"][0]["team"] == "payments"


async def test_the_risk_is_measured(line, make_settings):
    await line.apply(state(observation(severity=Severity.CRITICAL)), state(observation(severity=Severity.LOW)))
    gone = state(first_seen_at=ago(hours=3))
    await line.apply(gone)
    await line.apply(resolved(gone, resolved_at=ago(hours=1)))
    await line.apply(state(observation(kind=Kind.SECRET)), asset="repo:github.com/acme/unowned")
    settings = make_settings(metrics_interval=1.0)
    async with running_app(build(settings)) as client:
        wanted = (
            'sluice_findings_open{class="act",severity="critical",team="checkout",tier="standard"} 1.0',
            'sluice_findings_sla{state="ok",team="checkout",tier="standard"} 1.0',
            'sluice_assets_covered{practice="sast",team="checkout"} 1.0',
            'sluice_mttr_seconds{class="attend",team="checkout"} 7200.',
            "sluice_findings_unowned 1.0",
            'sluice_exceptions_by_days_left{days="+Inf"} 0.0',
        )
        await until(client, "/metrics", lambda a: all(line in a.text for line in wanted))


async def test_the_gate_over_http(line, make_settings):
    await line.apply(state(observation(severity=Severity.HIGH), refs=["main"]))
    async with running_app(build(make_settings())) as client:
        gate = (await client.get("/v1/gate", params={"asset": SHOP, "ref": "main", "base": "release"})).json()
        assert (gate["verdict"], gate["counts"], len(gate["new"])) == ("fail", {"high": 1}, 1)
        unknown = await client.get("/v1/gate", params={"asset": SHOP, "ref": "never"})
        assert (unknown.status_code, unknown.json()["verdict"]) == (200, "missing")
        text = await client.get("/v1/gate", params={"asset": SHOP, "ref": "main"}, headers={"Accept": "text/markdown"})
        assert text.headers["content-type"].startswith("text/markdown")
        assert text.text.startswith("## Sluice gate: ✅ pass")
        missing = await client.get("/v1/gate", params={"asset": f"repo:{uuid4()}", "ref": "main"})
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_asset")


async def test_the_tables_are_those_that_the_migrations_make(line):
    engine = create_async_engine(line.database._dsn.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        await connection.exec_driver_sql(f"SET search_path = {SCHEMA}")
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


def _differences(connection):
    tables = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(tables, schema=None)
    options = {"include_name": lambda name, kind, _: not (kind == "table" and name == "alembic_version")}
    context = MigrationContext.configure(connection, opts=options)
    return compare_metadata(context, tables)
