"""What the tests of ingest share: the service over real HTTP, a gate before Redis, and the other end of the bus."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import uvicorn
from fastapi import FastAPI

from sluice_ingest.main import build
from sluice_ingest.settings import Settings
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import ReportCounts, ReportReceipt, ReportReceived
from sluice_shared.contracts.topics import REPORT_RECEIPTS, REPORTS, REPORTS_BULK
from sluice_shared.db import Database

ADMIN = "slu_the-bootstrap-token-of-the-tests"
ASSET = "repo:github.com/acme/shop"
SECRET_KEY = "a key for tests only"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make_settings(database_url: str, redis_url: str, folder: Path, **given: Any) -> Settings:
    values: dict[str, Any] = {
        "port": 0,
        "database_url": database_url,
        "redis_url": redis_url,
        "blob_url": f"file://{folder}/blobs",
        "secret_key": SECRET_KEY,
        "bootstrap_token": ADMIN,
        "sweep_seconds": 0.1,
        "shutdown_grace": 2.0,
        **given,
    }
    return Settings.read(**values)


@dataclass
class Ingest:
    """A running ingest. `http` is an administrator's client, `blobs` the folder of the bodies."""

    app: FastAPI
    http: httpx.AsyncClient
    database: Database
    settings: Settings

    @property
    def url(self) -> str:
        return str(self.http.base_url)

    @property
    def bodies(self) -> list[Path]:
        folder = Path(urlsplit(self.settings.blob_url).path)
        return [path for path in folder.rglob("*") if path.is_file()]

    async def push(self, body: bytes = b'{"results": []}', **parameters: Any) -> httpx.Response:
        headers = parameters.pop("headers", None)
        return await self.http.post("/v1/reports", params={"asset": ASSET, **parameters}, content=body, headers=headers)

    async def pushed(self, body: bytes = b'{"results": []}', **parameters: Any) -> str:
        """Push, and return the report's id."""
        response = await self.push(body, **parameters)
        assert response.status_code == 202, response.text
        return str(response.json()["report_id"])

    async def report(self, report_id: str, wait: float = 0) -> dict[str, Any]:
        response = await self.http.get(f"/v1/reports/{report_id}", params={"wait": wait})
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def token(self, name: str, *scopes: str, assets: tuple[str, ...] = (), **more: Any) -> str:
        """Create a token, and return its text."""
        wanted = {"name": name, "scopes": scopes, "assets": assets, **more}
        response = await self.http.post("/v1/tokens", json=wanted)
        assert response.status_code == 201, response.text
        return str(response.json()["token"])

    async def sql(self, statement: str, *args: Any) -> list[Any]:
        async with self.database.transaction() as tx:
            return await tx.fetch(statement, *args)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Ingest]:
    """Run ingest in this loop, on a free port."""
    app = build(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=bearer(ADMIN), timeout=30, trust_env=False
        ) as http:
            ingest = Ingest(app, http, app.state.runtime.database, settings)
            await until_async(lambda: _is_ready(http))
            yield ingest
    finally:
        server.should_exit = True
        await serving


async def _is_ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/readyz")).status_code == 200


class Platform:
    """The other end of the bus: remembers the reports it is handed, and sends receipts."""

    def __init__(self, redis_url: str) -> None:
        self.received: list[ReportReceived] = []
        self.bulk: list[ReportReceived] = []
        self._bus = Bus(redis_url, service="tests", consumer="platform")
        self._bus.subscribe(REPORTS, "normaliser", self._on_report)
        self._bus.subscribe(REPORTS_BULK, "normaliser", self._on_bulk)

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop(grace=0.2)

    def times(self, report_id: str) -> int:
        """How often this report was handed over."""
        return sum(event.report_id == UUID(report_id) for event in self.received)

    async def settle(self, report_id: str, status: str = "indexed", **more: Any) -> None:
        receipt = ReportReceipt(
            report_id=UUID(report_id),
            status=status,  # type: ignore[arg-type]
            at=datetime.now(UTC),
            **{"scanner": "trivy", "counts": ReportCounts(observations=3, findings=2, new=2), **more},
        )
        await self._bus.publish(REPORT_RECEIPTS, receipt, key=report_id)

    async def _on_report(self, event: ReportReceived, _: Delivery) -> None:
        self.received.append(event)

    async def _on_bulk(self, event: ReportReceived, _: Delivery) -> None:
        self.bulk.append(event)


class Gate:
    """A TCP gate before a server: closed, it cuts all connections and refuses new ones."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        user = self._parts.netloc.rpartition("@")[0]
        netloc = f"{user}@127.0.0.1:{self._port}" if user else f"127.0.0.1:{self._port}"
        return self._parts._replace(netloc=netloc).geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self._upstream)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pump(reader, upstream_writer))
                    group.create_task(_pump(upstream_reader, writer))
            finally:
                upstream_writer.close()
        except (asyncio.CancelledError, OSError):
            pass  # the gate was closed, or one side went away
        finally:
            writer.close()
            self._tasks.discard(task)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def until(condition: Callable[[], bool], within: float = 10.0) -> None:
    """Wait until the condition holds; fail when it does not within the seconds."""

    async def holds() -> bool:
        return condition()

    await until_async(holds, within)


async def until_async(condition: Callable[[], Awaitable[bool]], within: float = 10.0) -> None:
    """Wait until the condition holds; fail when it does not within the seconds."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < within, "what was waited for did not happen"
        await asyncio.sleep(0.01)
