import asyncio
from pathlib import Path

import pytest
from tests.integration.normaliser.scan_kit import Line

import sluice_normaliser
from sluice_shared.bus import Bus
from sluice_shared.contracts.topics import FINDINGS
from sluice_shared.db import Database

MIGRATIONS = Path(sluice_normaliser.__file__).parent / "storage" / "migrations"


@pytest.fixture
async def database(database_url):
    database = Database(database_url, "normaliser", pool_size=4)
    await database.start()
    await database.migrate(MIGRATIONS)
    yield database
    await database.stop()


@pytest.fixture
def line(database):
    return Line(database)


@pytest.fixture
async def bus(redis_url):
    bus = Bus(redis_url, service="normaliser", consumer="test")
    sent = []

    async def keep(event, _delivery):
        sent.append(event)

    bus.subscribe(FINDINGS, "risk-index", keep)
    await bus.start()
    bus.sent = sent
    yield bus
    await bus.stop(1.0)


@pytest.fixture
def published(bus):
    """Returns a function that waits for the events of one publication."""

    async def wait(report_id, *, chunks=1):
        async with asyncio.timeout(10):
            while True:
                events = [event for event in bus.sent if event.report_id == report_id]
                if len(events) >= chunks:
                    return events
                await asyncio.sleep(0.05)

    return wait
