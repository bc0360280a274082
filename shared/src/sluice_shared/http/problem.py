"""Every error is a problem document: RFC 9457, `application/problem+json`, with a word on what to do."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sluice_shared.errors import StorageFull, Unavailable
from sluice_shared.explain import explain
from sluice_shared.redaction import REDACTED, is_secret_key

TYPE_BASE = "https://sluice.dev/problems/"
MEDIA_TYPE = "application/problem+json"
_CODES = {
    400: "bad_request",
    401: "missing_token",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
    507: "insufficient_storage",
}


class Problem(Exception):  # noqa: N818 - the name of RFC 9457
    """An error as the client sees it.

    `code` is the stable name a program may act on, `title` the same for every occurrence, `detail` says what is wrong
    this time and what to do; `extra` are further members of the body.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(status, code, detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"

    def body(self, instance: str) -> dict[str, Any]:
        """Return the members of the problem document; `instance` is the path that was asked for."""
        return {
            "type": TYPE_BASE + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": instance,
            **self.extra,
        }


def respond(problem: Problem, instance: str) -> Response:
    """Render a problem as a response."""
    content = orjson.dumps(problem.body(instance), default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer a :class:`Problem` that a route raised."""
    if not isinstance(error, Problem):
        raise error
    return respond(error, request.url.path)


async def on_unavailable(request: Request, error: Exception) -> Response:
    """Answer 503 with Retry-After when a dependency is away, 507 when it is full."""
    if not isinstance(error, Unavailable):
        raise error
    return respond(unavailable(error), request.url.path)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework raises by itself: no such path, wrong method, unreadable body."""
    if not isinstance(error, HTTPException):
        raise error
    return respond(_from_http(request, error), request.url.path)


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Answer 422 with which parameter is wrong, how, and what to write."""
    if not isinstance(error, RequestValidationError):
        raise error
    return respond(invalid_request(error), request.url.path)


def unavailable(error: Unavailable) -> Problem:
    """Make the 503 of a dependency that is away, or the 507 of one that is full.

    Whole seconds in Retry-After, at least 1.
    """
    seconds = max(1, math.ceil(error.retry_after))
    if isinstance(error, StorageFull):
        return Problem(
            HTTPStatus.INSUFFICIENT_STORAGE,
            "insufficient_storage",
            "There is no room left to store this",
            f"The store of {error.what} is full; nothing was done. Somebody must make room; try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
            retry_after=seconds,
        )
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "A part that this needs is away for now",
        f"The {error.what} cannot be reached; nothing was done. Try again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
        retry_after=seconds,
    )


def internal_error() -> Problem:
    """Make the 500 of a fault in Sluice itself; it says nothing about the inside."""
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong inside Sluice",
        "The request was not completed because of a fault in Sluice, not in the request. "
        "Try again; if it lasts, look in the log of the service for the trace id in this answer.",
    )


def invalid_request(error: RequestValidationError) -> Problem:
    """Make the 422 of parameters or a body that do not fit."""
    problems = [_parameter(dict(line)) for line in error.errors()]
    detail = "; ".join(
        f"{p['parameter']} ({p['in']}): {p['message']}{', ' + p['hint'] if p['hint'] else ''}" for p in problems[:5]
    )
    if len(problems) > 5:  # noqa: PLR2004 - the rest is in `errors`
        detail += f"; and {len(problems) - 5} more"
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", "The request does not fit", f"{detail}.", errors=problems
    )


def _parameter(line: dict[str, Any]) -> dict[str, str]:
    place, *path = [str(part) for part in line["loc"]]
    if line["type"] == "json_invalid":
        path = []
    name = ".".join(path) or place
    if path and is_secret_key(path[-1]):
        line = {**line, "input": REDACTED}
    explanation = explain(line)
    message = explanation.message
    if line["type"] == "json_invalid":
        message = f"not valid JSON: {(line.get('ctx') or {}).get('error', 'it cannot be read')}"
    return {"parameter": name, "in": place, "message": message, "hint": explanation.hint}


def _from_http(request: Request, error: HTTPException) -> Problem:
    status, path = error.status_code, request.url.path
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    given = str(error.detail) if error.detail else phrase
    headers = dict(error.headers or {})
    if status == HTTPStatus.NOT_FOUND and given == phrase:
        given = f"There is nothing at {path}; /openapi.json lists every path of this service."
    elif status == HTTPStatus.METHOD_NOT_ALLOWED and given == phrase:
        allowed = headers.get("allow") or headers.get("Allow") or "another method"
        given = f"{path} does not take {request.method}; use {allowed}."
    elif given == phrase:
        given = f"{phrase}; /openapi.json says what this path takes."
    return Problem(status, _CODES.get(status, "error"), phrase, given, headers=headers)
