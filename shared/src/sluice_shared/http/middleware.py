"""What happens round every request: trace context, metrics, a line in the log, and an answer to the unexpected.

Plain ASGI, because a task and two queues a request (Starlette's BaseHTTPMiddleware) are felt in the 99th percentile.
"""

import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from opentelemetry.trace import SpanKind
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluice_shared.http.problem import internal_error, respond
from sluice_shared.logging import get_logger
from sluice_shared.metrics import HTTP_REQUESTS, HTTP_SECONDS
from sluice_shared.tracing import continue_from, current_ids

log = get_logger(__name__)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_TRACE_HEADERS = frozenset({b"traceparent", b"tracestate"})
_CLIENT_CLOSED_REQUEST = 499
UNMATCHED = "unmatched"


def route_template(scope: Scope) -> str:
    """Return the path template that matched, `/v1/reports/{id}`; never the raw path, which would be unbounded."""
    # FastAPI keeps the prefix of an included router outside the route itself.
    effective = scope.get("fastapi", {}).get("effective_route_context")
    route = effective if effective is not None else scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or UNMATCHED)


class Observed:
    """The middleware of every service."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"] if k in _TRACE_HEADERS}
        with continue_from(headers, f"{scope['method']} {scope['path']}", kind=SpanKind.SERVER) as span:
            began = time.perf_counter()
            status = await self._answer(scope, receive, send)
            seconds = time.perf_counter() - began
            route = route_template(scope)
            span.update_name(f"{scope['method']} {route}")
            self._record(scope, route, status, seconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Run the application; return the status that went out."""
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            return status or _CLIENT_CLOSED_REQUEST
        except Exception:
            log.exception("request failed", method=scope["method"], route=route_template(scope), path=scope["path"])
            if status:  # the answer has begun; only cutting it off tells the client
                raise
            await self._apologise(scope, receive, noting)
        return status

    async def _apologise(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = internal_error()
        ids = current_ids()
        if ids is not None:
            problem.extra["trace_id"] = ids[0]
        with suppress(ClientDisconnect, OSError):
            await respond(problem, scope["path"])(scope, receive, send)

    def _record(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        HTTP_REQUESTS.labels(self._service, method, route, str(status)).inc()
        HTTP_SECONDS.labels(self._service, method, route).observe(seconds)
        quiet = scope["path"] in _PROBES and status < HTTPStatus.BAD_REQUEST
        line: dict[str, Any] = {
            "method": method,
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1e3, 2),
        }
        if principal := scope.get("sluice.principal"):
            line["principal"] = principal
        (log.debug if quiet else log.info)("request", **line)
