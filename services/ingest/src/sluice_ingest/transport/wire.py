"""The bytes of a request's body as they come from the wire."""

from collections.abc import AsyncIterator

from fastapi import Request

from sluice_ingest.domain.refusal import Refusal, Refused


async def wire_bytes(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the body's chunks; raises Refused (body_too_large) as soon as it has, or announces, more than `limit`."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > limit:
            raise _too_large(limit)
        yield chunk


def _too_large(limit: int) -> Refused:
    return Refused(
        Refusal.BODY_TOO_LARGE,
        f"The body is larger than {limit} bytes; send it compressed (Content-Encoding: zstd or gzip), split the report "
        "into several categories, or ask the operator to raise SLUICE_MAX_WIRE_BYTES",
        limit_bytes=limit,
    )
