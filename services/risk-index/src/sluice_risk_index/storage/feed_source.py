"""Gets a feed from where it is published: a URL, or a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import anyio
import httpx

from sluice_risk_index.domain.feeds import RefusedFeedError
from sluice_shared.errors import Unavailable

_SECONDS = 60.0
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed's body, and what to ask with next time."""

    body: bytes
    etag: str | None = None
    last_modified: str | None = None


async def fetch(url: str, *, etag: str | None, last_modified: str | None, most: int) -> Fetched | None:
    """Return the feed, None when it has not changed since.

    Raises Unavailable when it cannot be had, RefusedFeedError when it has more than ``most`` bytes.
    """
    if urlsplit(url).scheme == "file":
        return await anyio.to_thread.run_sync(_read, Path(unquote(urlsplit(url).path)), last_modified, most)
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    try:
        async with _get(url, {name: value for name, value in headers.items() if value}) as answer:
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                return None
            if answer.status_code != httpx.codes.OK:
                raise Unavailable("feed", f"{url} answered {answer.status_code}")
            body = await _body(answer, most)
            return Fetched(body, answer.headers.get("ETag"), answer.headers.get("Last-Modified"))
    except httpx.HTTPError as error:
        raise Unavailable("feed", f"{url}: {type(error).__name__}: {error}") from error


@asynccontextmanager
async def _get(url: str, headers: dict[str, str]) -> AsyncIterator[httpx.Response]:
    async with (
        httpx.AsyncClient(timeout=_SECONDS, follow_redirects=True, max_redirects=_MOST_REDIRECTS) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        yield answer


async def _body(answer: httpx.Response, most: int) -> bytes:
    parts, length = [], 0
    async for part in answer.aiter_bytes():
        length += len(part)
        if length > most:
            raise RefusedFeedError("too_large", f"it has more than {most} bytes")
        parts.append(part)
    return b"".join(parts)


def _read(path: Path, last_modified: str | None, most: int) -> Fetched | None:
    try:
        stat = path.stat()
        stamp = f"{stat.st_mtime_ns}-{stat.st_size}"
        if stamp == last_modified:
            return None
        if stat.st_size > most:
            raise RefusedFeedError("too_large", f"it has more than {most} bytes")
        return Fetched(path.read_bytes(), last_modified=stamp)
    except OSError as error:
        raise Unavailable("feed", f"{path}: {error.strerror}") from error
