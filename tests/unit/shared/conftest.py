"""What tests of the shared parts begin with."""

import os
from pathlib import Path

import pytest

from sluice_shared.bus import Bus
from sluice_shared.db import Database
from sluice_shared.runtime import Runtime
from sluice_shared.settings import ServiceSettings


class IngestSettings(ServiceSettings):
    service = "ingest"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("SLUICE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def settings():
    return IngestSettings(
        database_url="postgresql://sluice:hunter2@127.0.0.1:1/sluice",
        redis_url="redis://:hunter2@127.0.0.1:1/0",
        blob_url="file:///nowhere",
        secret_key="a key for tests only",
    )


@pytest.fixture
def runtime(settings):
    """A runtime whose servers were never started."""
    return Runtime(
        settings=settings,
        database=Database(settings.database_url.get_secret_value(), "ingest"),
        migrations=Path("nowhere"),
        bus=Bus(settings.redis_url.get_secret_value(), service="ingest", consumer="test"),
        verifier=None,
    )
