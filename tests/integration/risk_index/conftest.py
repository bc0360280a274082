"""A line of use cases over real servers."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.risk_index.risk_kit import Line, running_line

from sluice_risk_index.settings import Settings


@pytest.fixture
async def line(database_url: str, redis_url: str) -> AsyncIterator[Line]:
    async with running_line(database_url, redis_url) as line:
        yield line


@pytest.fixture
def make_settings(database_url: str, redis_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Make settings over the line's database; what is given beats the defaults of the tests."""

    def make(**given: Any) -> Settings:
        defaults = {
            "database_url": database_url,
            "redis_url": redis_url,
            "blob_url": (tmp_path / "blobs").as_uri(),
            "secret_key": "0123456789abcdef",
            "port": 0,
            "timer_interval": 0.2,
            "metrics_interval": 1.0,
        }
        return Settings.read(**{**defaults, **given})

    return make
