"""Drives the risk index as the normaliser, ingest and notifier do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from sluice_risk_index.application.apply_findings import ApplyFindings
from sluice_risk_index.application.publish_alerts import PublishAlerts
from sluice_risk_index.application.recalculate import Recalculate
from sluice_risk_index.application.settle_alerts import SettleAlerts
from sluice_risk_index.application.sweep_timers import SweepTimers
from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRule, Team
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.observed import FindingsChunk
from sluice_risk_index.domain.policy import Policy
from sluice_risk_index.main import MIGRATIONS
from sluice_risk_index.storage.facets import FacetBook
from sluice_risk_index.storage.tables import SCHEMA, Base
from sluice_shared.auth import Principal, Scope
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.assets import asset_id
from sluice_shared.contracts.events import (
    AlertRaised,
    AlertsRaised,
    ChangeType,
    FindingsChanged,
    FindingState,
    FindingStatus,
    ReportCounts,
    ReportReceipt,
    ScanSummary,
)
from sluice_shared.contracts.finding import CodeLocation, Identifier, Kind, Observation, Severity
from sluice_shared.contracts.topics import ALERTS, FINDINGS, REPORT_RECEIPTS
from sluice_shared.db import Database

SHOP = "repo:github.com/acme/shop"
URL = "https://sluice.acme.io"


def ago(**duration: float) -> datetime:
    return datetime.now(UTC) - timedelta(**duration)


def observation(
    title: str = "SQL injection", *, scanner: str = "semgrep", severity: Severity = Severity.HIGH, **more: Any
) -> Observation:
    given: dict[str, Any] = {
        "kind": Kind.SAST,
        "rule_id": "py/sql-injection",
        "location": CodeLocation(path="src/shop/cart.py", start_line=7),
        "identifiers": [Identifier(type="cwe", value="CWE-89")],
        **more,
    }
    return Observation(scanner=scanner, title=title, severity=severity, **given)


def state(*observations: Observation, **given: Any) -> FindingState:
    """A finding that has just been opened; what is given beats that."""
    seen = list(observations) if observations or "observations" in given else [observation()]
    values: dict[str, Any] = {
        "finding_id": uuid4(),
        "version": 1,
        "change": ChangeType.OPENED,
        "status": FindingStatus.OPEN,
        "severity": max((o.severity for o in seen), key=lambda s: s.rank, default=Severity.HIGH),
        "first_seen_at": ago(minutes=1),
        "refs": ["main"],
        "keys": {"content/1": "ab" * 16},
        "observations": seen,
        **given,
    }
    return FindingState(**{"opened_at": values["first_seen_at"], **values})


def resolved(before: FindingState, **given: Any) -> FindingState:
    return before.model_copy(
        update={
            "version": before.version + 1,
            "change": ChangeType.RESOLVED,
            "status": FindingStatus.RESOLVED,
            "resolved_at": ago(seconds=1),
            "refs": [],
            **given,
        }
    )


def reopened(before: FindingState, **given: Any) -> FindingState:
    return before.model_copy(
        update={
            "version": before.version + 1,
            "change": ChangeType.REOPENED,
            "status": FindingStatus.OPEN,
            "opened_at": ago(seconds=0.5),
            "resolved_at": None,
            "reopen_count": before.reopen_count + 1,
            "refs": ["main"],
            **given,
        }
    )


def updated(before: FindingState, **given: Any) -> FindingState:
    return before.model_copy(update={"version": before.version + 1, "change": ChangeType.UPDATED, **given})


def event(*findings: FindingState, asset: str = SHOP, **given: Any) -> FindingsChanged:
    """A chunk that is a whole emission, of a scan by semgrep of main; what is given beats that."""
    values: dict[str, Any] = {
        "report_id": uuid4(),
        "emission_id": uuid4(),
        "chunk": 0,
        "chunks": 1,
        "received_at": datetime.now(UTC),
        "counts": ReportCounts(findings=len(findings), new=len(findings)),
        "scans": [scan()],
        **given,
    }
    return FindingsChanged(asset=asset, asset_id=asset_id(asset), findings=list(findings), **values)


def scan(ref: str = "main", *, scanner: str = "semgrep", **given: Any) -> ScanSummary:
    return ScanSummary(
        **{
            "scanner": scanner,
            "ref": ref,
            "scanned_at": ago(seconds=30),
            "kinds": [Kind.SAST],
            "commit": "c0ffee",
            **given,
        }
    )


def catalogue(
    *, teams: tuple[Team, ...] = (), assets: tuple[Asset, ...] = (), rules: tuple[OwnerRule, ...] = ()
) -> Catalogue:
    return Catalogue(
        teams or (Team(name="checkout"), Team(name="payments")),
        assets or (Asset(key=SHOP, owner="checkout", exposure="internet", criticality="high"),),
        rules,
    )


def in_force(policy: Policy | None = None, known: Catalogue | None = None, version: str = "test") -> InForce:
    return InForce(Rules(policy or Policy(), known or catalogue(), version), URL)


class Line:
    """The use cases of one replica over a real database and a real bus, and the other services' ends of the bus."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self.database = database
        self.bus = bus
        self.rules = in_force()
        self.receipts: list[ReportReceipt] = []
        self.alerts: list[AlertRaised] = []
        self.batches: list[int] = []
        facets = FacetBook()
        self.apply_chunk = ApplyFindings(database, bus, facets, lambda: self.rules, lambda: None)
        self.sweep = SweepTimers(database, facets, lambda: self.rules, lambda: None)
        self.recalculate_once = Recalculate(database, facets, lambda: self.rules)
        self.publish = PublishAlerts(database, bus)
        self.settle = SettleAlerts(database)

    async def apply(self, *findings: FindingState, asset: str = SHOP, **given: Any) -> FindingsChanged:
        sent = event(*findings, asset=asset, **given)
        await self.deliver(sent)
        return sent

    async def deliver(self, sent: FindingsChanged) -> None:
        await self.apply_chunk(FindingsChunk.model_validate_json(sent.model_dump_json()))

    async def recalculate(self) -> None:
        while await self.recalculate_once():
            pass

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        async with self.database.transaction(read_only=True) as tx:
            return [dict(row.items()) for row in await tx.fetch(sql, *args)]

    async def finding(self, finding_id: UUID) -> dict[str, Any]:
        (row,) = await self.rows("SELECT * FROM finding WHERE id = $1", finding_id)
        return row

    async def history(self, finding_id: UUID) -> list[str]:
        rows = await self.rows("SELECT event FROM finding_history WHERE finding_id = $1 ORDER BY at, event", finding_id)
        return [row["event"] for row in rows]

    async def levels(self, finding_id: UUID) -> list[str]:
        rows = await self.rows(
            "SELECT level || CASE step WHEN 0 THEN '' ELSE ' ' || step END AS level FROM alert"
            " WHERE finding_id = $1 ORDER BY raised_at, clock, step",
            finding_id,
        )
        return [row["level"] for row in rows]


@asynccontextmanager
async def running_line(database_url: str, redis_url: str) -> AsyncIterator[Line]:
    """A line over empty tables."""
    database = Database(database_url, SCHEMA, pool_size=6)
    await database.start()
    await database.migrate(MIGRATIONS)
    async with database.transaction() as tx:
        await tx.execute(f"TRUNCATE {', '.join(table.name for table in Base.metadata.sorted_tables)}")
    bus = Bus(redis_url, service="test", consumer=f"test-{uuid4().hex[:6]}")
    line = Line(database, bus)

    async def on_receipt(receipt: ReportReceipt, _delivery: Delivery) -> None:
        line.receipts.append(receipt)

    async def on_alerts(batch: AlertsRaised, _delivery: Delivery) -> None:
        line.alerts.extend(batch.alerts)
        line.batches.append(len(batch.alerts))

    bus.subscribe(REPORT_RECEIPTS, "ingest", on_receipt)
    bus.subscribe(ALERTS, "notifier", on_alerts)
    await bus.start()
    try:
        yield line
    finally:
        await bus.stop(2.0)
        await database.stop()


async def eventually(holds: Callable[[], bool], within: float = 10.0) -> None:
    """Wait until a condition holds; fail when it does not in time (seconds)."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        await asyncio.sleep(0.02)


class KnownTokens:
    """Knows tokens by heart, in ingest's place."""

    def __init__(self, **principals: Principal) -> None:
        self._principals = principals

    async def verify(self, token: str) -> Principal | None:
        return self._principals.get(token)


def principal(*scopes: Scope, assets: tuple[str, ...] = ()) -> Principal:
    return Principal(uuid4(), "tester", frozenset(scopes), assets)


@asynccontextmanager
async def running_app(app: FastAPI, **principals: Principal) -> AsyncIterator[httpx.AsyncClient]:
    """The whole service, ready, with a client that sends the token `reader`."""
    known = {"reader": principal(Scope.READ), **principals}
    runtime = app.state.runtime
    await runtime.verifier.stop()
    runtime.verifier = KnownTokens(**known)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://risk-index", headers={"Authorization": "Bearer reader"}
        ) as client:
            end = time.monotonic() + 20
            while (await client.get("/readyz")).status_code != httpx.codes.OK:
                assert time.monotonic() < end, (await client.get("/readyz")).text
                await asyncio.sleep(0.05)
            yield client


async def publish(redis_url: str, *events: FindingsChanged) -> None:
    """Publish events as the normaliser does."""
    bus = Bus(redis_url, service="normaliser", consumer="test")
    await bus.start()
    for sent in events:
        await bus.publish(FINDINGS, sent, key=sent.asset)
    await bus.stop(1.0)
