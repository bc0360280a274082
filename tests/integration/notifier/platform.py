"""The whole notifier as a process runs it, and who asks it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs
from uuid import UUID

import httpx
import orjson
from tests.integration.notifier.servers import HttpServer, Reply, Request

from sluice_notifier.main import build
from sluice_notifier.settings import Settings

TOKENS = {
    "slu_reader": {"scopes": ["read"], "assets": []},
    "slu_writer": {"scopes": ["write"], "assets": []},
    "slu_pusher": {"scopes": ["push"], "assets": []},
    "slu_shop": {"scopes": ["write"], "assets": ["repo:github.com/acme/shop*"]},
}


class IngestServer(HttpServer):
    """Answers about tokens as ingest does (RFC 7662)."""

    def respond(self, request: Request) -> Reply:
        token = parse_qs(request.body.decode())["token"][0]
        known = TOKENS.get(token)
        body = {"active": False} if known is None else {"active": True, "token_id": UUID(int=1), "name": token, **known}
        return Reply(200, orjson.dumps(body), {"Content-Type": "application/json"})


@asynccontextmanager
async def running(database_url, redis_url, folder, ingest_url, **more) -> AsyncIterator[httpx.AsyncClient]:
    """Run a replica; yields a client of its HTTP interface."""
    app = build(
        Settings(
            database_url=database_url,
            redis_url=redis_url,
            blob_url="file:///nowhere",
            secret_key="a key for tests only",
            config_dir=folder,
            ingest_url=ingest_url,
            allow_private_targets=True,
            delivery_sweep_seconds=0.05,
            shutdown_grace=5.0,
            **more,
        )
    )
    runtime = app.state.runtime
    await runtime.start()
    try:
        async with asyncio.timeout(20):
            while not (await runtime.readiness()).ready:  # noqa: ASYNC110 - it is asked, it does not tell
                await asyncio.sleep(0.05)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
            yield client
    finally:
        await runtime.stop()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
