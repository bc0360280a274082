import os
import socket
import ssl
import subprocess

import pytest
from tests.integration.notifier.house import MIGRATIONS, Clock, House
from tests.integration.notifier.servers import HttpServer, JiraServer

from sluice_notifier.channels.kit import HttpClient
from sluice_shared.bus import Bus
from sluice_shared.db import Database


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("SLUICE_") and not name.startswith("SLUICE_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate for localhost that vouches for itself; its key lies beside it."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate


@pytest.fixture(scope="session")
def server_context(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_name("key.pem"))
    return context


@pytest.fixture
def silent_port():
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
async def migrated(database_url):
    """The module's database with the notifier's tables, empty."""
    database = Database(database_url, "notifier", pool_size=8)
    await database.start()
    await database.migrate(MIGRATIONS)
    async with database.transaction() as tx:
        await tx.execute("TRUNCATE silence, ticket, delivery_alert, delivery, alert")
    yield database
    await database.stop()


@pytest.fixture
async def bus(redis_url):
    bus = Bus(redis_url, service="tests", consumer="tests")
    await bus.start()
    yield bus
    await bus.stop(grace=0.2)


@pytest.fixture
async def http():
    client = HttpClient(allow_private=True)
    yield client
    await client.close()


@pytest.fixture
def house(migrated, bus, http, tmp_path):
    return House(migrated, bus, tmp_path, Clock(), http)


@pytest.fixture
def server():
    with HttpServer() as server:
        yield server


@pytest.fixture
def jira(monkeypatch):
    monkeypatch.setenv("TEST_JIRA_TOKEN", "ATATT-0123456789")
    with JiraServer() as server:
        yield server
