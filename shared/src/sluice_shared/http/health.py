"""`/healthz`, `/readyz` and `/metrics`, the same on every service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from sluice_shared.logging import get_logger

log = get_logger(__name__)
router = APIRouter(tags=["operations"])
_HOOK_SECONDS = 5.0


@router.get("/healthz", summary="Whether the process lives", response_class=PlainTextResponse)
async def healthz() -> str:
    """Answer 200 for as long as the process can answer at all; look at /readyz for whether it can work."""
    return "ok\n"


@router.get("/readyz", summary="Whether the service can do its work")
async def readyz(request: Request, response: Response) -> dict[str, Any]:
    """Answer 200 when every part is there, else 503; the body names each part and how it is."""
    readiness = await request.app.state.runtime.readiness()
    response.status_code = 200 if readiness.ready else 503
    body: dict[str, Any] = readiness.as_dict()
    return body


@router.get("/metrics", summary="Metrics in the text format of Prometheus", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Refresh what is measured on demand, then give all metrics of the process."""
    await refresh(request.app.state.runtime.metrics_hooks)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def refresh(hooks: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Run the hooks at once; one that fails or takes over 5 s leaves its figures as they were, and is logged."""
    results = await asyncio.gather(*(asyncio.wait_for(hook(), _HOOK_SECONDS) for hook in hooks), return_exceptions=True)
    for hook, result in zip(hooks, results, strict=True):
        if isinstance(result, Exception):
            name = getattr(hook, "__qualname__", repr(hook))
            log.warning("a metric could not be refreshed", hook=name, error=repr(result))
        elif isinstance(result, BaseException):
            raise result
