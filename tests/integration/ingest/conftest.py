"""A running ingest, and the other end of its bus."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.integration.ingest.ingest_kit import Ingest, Platform, make_settings, running

from sluice_ingest.settings import Settings


@pytest.fixture
def make(create_database: Callable[[], str], redis_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Make settings over an empty database; what is given beats the defaults of the tests."""

    def with_settings(**given: object) -> Settings:
        return make_settings(**{"database_url": create_database(), "redis_url": redis_url, "folder": tmp_path, **given})

    return with_settings


@pytest.fixture
async def ingest(make: Callable[..., Settings]) -> AsyncIterator[Ingest]:
    async with running(make()) as service:
        yield service


@pytest.fixture
async def platform(redis_url: str) -> AsyncIterator[Platform]:
    platform = Platform(redis_url)
    await platform.start()
    yield platform
    await platform.stop()
