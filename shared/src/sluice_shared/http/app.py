"""Builds the FastAPI application of a service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from sluice_shared.errors import Unavailable
from sluice_shared.http import health, problem
from sluice_shared.http.middleware import Observed

if TYPE_CHECKING:
    from sluice_shared.runtime import Runtime

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "The same for every occurrence"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong this time and what to do"},
        "code": {"type": "string", "description": "A stable name that a program may act on"},
        "instance": {"type": "string", "description": "The path that was asked for"},
        "trace_id": {"type": "string", "description": "Finds the request in the log"},
        "errors": {
            "type": "array",
            "description": "Each parameter that does not fit",
            "items": {
                "type": "object",
                "properties": {key: {"type": "string"} for key in ("parameter", "in", "message", "hint")},
            },
        },
    },
}


def create_app(*, runtime: Runtime, title: str, routers: Sequence[APIRouter]) -> FastAPI:
    """Make the application: the service's routes, health and metrics, problem documents, and the runtime's lifespan.

    `app.state.runtime` is the runtime; it starts with the application and stops with it.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = FastAPI(
        title=title,
        version=version("sluice-shared"),
        lifespan=lifespan,
        docs_url=None,  # the page would load scripts from elsewhere
        redoc_url=None,
        # Sluice's own middleware has the trace context and the metrics.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.runtime = runtime
    app.add_middleware(Observed, service=runtime.settings.service)
    app.add_exception_handler(problem.Problem, problem.on_problem)
    app.add_exception_handler(Unavailable, problem.on_unavailable)
    app.add_exception_handler(HTTPException, problem.on_http_exception)
    app.add_exception_handler(RequestValidationError, problem.on_validation_error)
    for router in (health.router, *routers):
        app.include_router(router)
    app.openapi = _with_problems(app.openapi)  # type: ignore[method-assign]
    return app


def _with_problems(generate: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Let the OpenAPI document say that errors are problem documents, not FastAPI's own form."""

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" in schemas:
            return document
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = _PROBLEM_SCHEMA
        content = {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in document.get("paths", {}).values():
            for operation in operations.values():
                responses = operation.setdefault("responses", {})
                if "422" in responses:
                    responses["422"] = {"description": "The request does not fit", "content": content}
                responses.setdefault("default", {"description": "A problem", "content": content})
        return document

    return openapi
