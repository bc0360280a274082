from pathlib import Path

import pytest
from tests.integration.normaliser.scan_kit import Line

import sluice_normaliser
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
