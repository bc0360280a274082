"""A service's life with real servers: it waits for what is away, says so, and stops in order."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from sluice_shared.bus import Bus
from sluice_shared.config import Watched
from sluice_shared.contracts.topics import REPORTS
from sluice_shared.db import Database
from sluice_shared.http import create_app
from sluice_shared.runtime import Runtime
from sluice_shared.settings import ServiceSettings
from sluice_shared.sweeper import Sweeper

PATIENCE = 20  # seconds


class NormaliserSettings(ServiceSettings):
    service = "normaliser"


@pytest.fixture
def migrations(tmp_path):
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    return tmp_path / "migrations"


@pytest.fixture
def make_runtime(database_url, redis_url, migrations):
    def make(**changed):
        settings = NormaliserSettings(
            **{"database_url": database_url, "redis_url": redis_url, "blob_url": "file:///nowhere"} | changed,
            secret_key="0123456789abcdef",
            shutdown_grace=10,
        )
        return Runtime(
            settings=settings,
            database=Database(settings.database_url.get_secret_value(), "runtime"),
            migrations=migrations,
            bus=Bus(settings.redis_url.get_secret_value(), service="normaliser", consumer="test"),
            verifier=None,
        )

    return make


@asynccontextmanager
async def running(runtime):
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - the condition is another part's state
            await asyncio.sleep(0.05)


async def is_ready(runtime):
    return (await runtime.readiness()).ready


@asynccontextmanager
async def away(url, default_port):
    """Give the URL of a port where nothing listens yet, and what makes it lead to the server."""
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    servers = []

    async def copy(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def forward(reader, writer):
        up_reader, up_writer = await asyncio.open_connection(parts.hostname, parts.port or default_port)
        await asyncio.gather(copy(reader, up_writer), copy(up_reader, writer), return_exceptions=True)

    async def come_back():
        servers.append(await asyncio.start_server(forward, "127.0.0.1", port))

    credentials = parts.netloc.rpartition("@")[0]
    host = f"{credentials}@127.0.0.1:{port}" if credentials else f"127.0.0.1:{port}"
    yield urlunsplit(parts._replace(netloc=host)), come_back
    for server in servers:
        server.close()


async def test_parts_are_started_in_order_and_stopped_in_the_other(make_runtime, tmp_path):
    runtime, happened = make_runtime(), []

    def noting(what):
        async def hook():
            happened.append(what)

        return hook

    async def sweep():
        happened.append("sweep")
        await runtime.bus.ping()
        return 0

    path = tmp_path / "file"
    path.write_text("1")
    config = Watched("runtime", path.read_text, lambda: [path], interval=0.05)
    runtime.on_start += [noting("start 1"), noting("start 2")]
    runtime.on_stop += [noting("stop 1"), noting("stop 2")]
    runtime.sweepers.append(Sweeper("runtime", 60, sweep))
    runtime.watched.append(config)
    async with running(runtime):
        await until(lambda: is_ready(runtime))
        path.write_text("22")
        await until(lambda: asyncio.sleep(0, config.value == "22"))
        await until(lambda: asyncio.sleep(0, "sweep" in happened))
    assert happened == ["start 1", "start 2", "sweep", "stop 2", "stop 1"]


async def test_a_database_that_is_away_at_start_is_waited_for(make_runtime, database_url):
    async with away(database_url, 5432) as (url, come_back):
        runtime = make_runtime(database_url=url)
        async with running(runtime):
            await until(lambda: says(runtime, "database", "failing"))
            assert not await is_ready(runtime)
            assert runtime.settings.database_url.get_secret_value() not in str(await runtime.readiness())
            await come_back()
            await until(lambda: is_ready(runtime))


async def test_a_bus_that_is_away_at_start_is_waited_for(make_runtime, redis_url):
    async with away(redis_url, 6379) as (url, come_back):
        runtime = make_runtime(redis_url=url)
        async with running(runtime):
            await until(lambda: says(runtime, "bus", "failing"))
            assert not await is_ready(runtime)
            await come_back()
            await until(lambda: is_ready(runtime))


async def test_a_service_that_needs_no_bus_is_ready_without_and_finds_it_later(make_runtime, redis_url):
    async with away(redis_url, 6379) as (url, come_back):
        runtime = make_runtime(redis_url=url)
        runtime.bus_optional = True
        async with running(runtime):
            await until(lambda: is_ready(runtime))
            assert await says(runtime, "bus", "failing")
            await come_back()
            await until(lambda: says(runtime, "bus", "ok"))


async def test_a_start_hook_that_fails_is_tried_again_and_shown(make_runtime):
    runtime, attempts = make_runtime(), []

    async def set_up():
        attempts.append(await runtime.readiness())
        if len(attempts) < 3:
            raise RuntimeError("not yet")

    runtime.on_start.append(set_up)
    async with running(runtime):
        await until(lambda: is_ready(runtime))
    assert len(attempts) == 3
    assert "not yet" in attempts[-1].checks["start"]["detail"]


async def test_no_event_is_handled_before_the_start_hooks_are_done(make_runtime):
    runtime, happened = make_runtime(), []

    async def handler(_event, _delivery):
        happened.append("handled")

    async def set_up():
        await asyncio.sleep(0.3)
        happened.append("set up")

    publisher = make_runtime().bus
    await publisher.start()
    await publisher.publish(REPORTS, REPORT, key="a")
    await publisher.stop(1)
    runtime.bus.subscribe(REPORTS, "normaliser", handler)
    runtime.on_start.append(set_up)
    async with running(runtime):
        await until(lambda: asyncio.sleep(0, "handled" in happened))
    assert happened == ["set up", "handled"]


async def says(runtime, part, status):
    return (await runtime.readiness()).checks[part]["status"] == status


REPORT = (
    b'{"report_id": "6f1c3c0e-2b1a-4a53-9a51-2f1f5c1f9d10", "sequence": 1, "asset": "repo:a/b", '
    b'"received_at": "2026-03-31T12:00:00Z", "body_ref": "x", "body_bytes": 1, "body_sha256": "00"}'
)

PROGRAM = """
import sys
from pathlib import Path
from sluice_shared.bus import Bus
from sluice_shared.db import Database
from sluice_shared.http import create_app
from sluice_shared.runtime import Runtime, run_service
from sluice_shared.settings import ServiceSettings

class Settings(ServiceSettings):
    service = "notifier"

def build(settings):
    runtime = Runtime(
        settings=settings,
        database=Database(settings.database_url.get_secret_value(), "served"),
        migrations=Path(sys.argv[1]),
        bus=Bus(settings.redis_url.get_secret_value(), service="notifier", consumer=settings.consumer_name),
        verifier=None,
    )
    return create_app(runtime=runtime, title="Served", routers=[])

run_service(Settings, build)
"""


def test_a_served_service_becomes_ready_and_ends_by_itself_on_sigterm(database_url, redis_url, migrations):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")} | {
        "SLUICE_NOTIFIER_PORT": str(port),
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_BLOB_URL": "file:///nowhere",
        "SLUICE_SECRET_KEY": "0123456789abcdef",
    }
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(migrations)], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while answer(port) != 200:
                assert time.monotonic() < deadline, "never became ready"
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 0, log
    assert "Traceback" not in log
    assert all(line.startswith("{") for line in log.splitlines()), log
    assert '"event":"stopped"' in log


def answer(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code
    except httpx.TransportError:
        return 0


async def test_http_answers_while_the_database_is_away(make_runtime, database_url):
    async with away(database_url, 5432) as (url, _):
        runtime = make_runtime(database_url=url)
        app = create_app(runtime=runtime, title="Sluice test", routers=[])
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sluice") as client,
        ):
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503
