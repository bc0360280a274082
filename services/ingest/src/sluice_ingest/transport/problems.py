"""Answers refusals as problem documents, and counts them."""

from fastapi import Request, Response

from sluice_ingest.domain.refusal import Refused
from sluice_ingest.errors import problem_of
from sluice_ingest.metrics import REJECTED
from sluice_shared.http.problem import on_problem


async def on_refused(request: Request, error: Exception) -> Response:
    """Answer a :class:`Refused` that a route raised."""
    if not isinstance(error, Refused):
        raise error
    REJECTED.labels(error.reason.value).inc()
    return await on_problem(request, problem_of(error))
