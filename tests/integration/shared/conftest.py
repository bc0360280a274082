"""Databases of the database's own tests."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
from tests.integration.shared.db_kit import SCHEMA, TABLES

from sluice_shared.db import Database


@pytest.fixture
async def larder(create_database: Callable[[], str]) -> str:
    """The URL of a database with an empty larder."""
    url = create_database()
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE SCHEMA {SCHEMA}; SET search_path = {SCHEMA}; {TABLES}")
    await connection.close()
    return url


@pytest.fixture
async def database(larder: str) -> AsyncIterator[Database]:
    database = Database(larder, SCHEMA, pool_size=3, lock_timeout=1.0)
    yield database
    await database.stop()
