"""Raw bodies in an object store: a local folder, S3, Google Cloud Storage or Azure, by URL; compressed with zstd."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
import zstandard
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from sluice_shared.errors import StorageFull, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

R = TypeVar("R")
Keys = list[str]

_LEVEL = 3
_INLINE_BYTES = 1024 * 1024
"""Up to here a body is (de)compressed on the spot: a few milliseconds, less than a busy thread pool may take."""
_LIST_CHUNK = 1000
_DETAIL_LIMIT = 300
# EFBIG (a file-size limit), ENOSPC, EDQUOT; and what object stores with an end to them answer.
_FULL = re.compile(
    r"\(os error (27|28|122)\)|XMinioStorageFull|QuotaExceeded|InsufficientStorage|507 Insufficient Storage"
)
_QUERY = re.compile(r"\?\S*")
_ALLOW_HTTP = ("AWS_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP", "AZURE_ALLOW_HTTP")
_RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}


class BlobMissing(Exception):  # noqa: N818 (a state of the store)
    """Nothing is stored under this key (any more)."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no blob {key!r}")
        self.key = key


class BlobDamaged(BlobMissing):
    """What is stored under this key is not what was put there; it will not get better."""


class BlobTooLarge(Exception):  # noqa: N818 (a state of the store)
    """The body has more than `max_bytes` bytes when it is decompressed."""

    def __init__(self, key: str, max_bytes: int) -> None:
        super().__init__(f"blob {key!r} has more than {max_bytes} bytes")
        self.key = key
        self.max_bytes = max_bytes


class BlobStore:
    """Bodies by key, under the URL's folder or bucket and prefix.

    Keys are relative paths: `reports/2025/01/31/<id>`; one with an empty or `..` segment is a ValueError. Credentials,
    region and endpoint come from the environment, as obstore reads them (`AWS_…`, `GOOGLE_…`, `AZURE_…`).
    """

    def __init__(self, url: str) -> None:
        """Raise ValueError when `url` is of no known kind, and OSError when a local folder cannot be created."""
        self._folder: Path | None = None
        self._store: ObjectStore
        parts = urlsplit(url)
        if parts.scheme == "file":
            if parts.netloc not in {"", "localhost"}:
                raise ValueError(f"A blob folder's URL has three slashes: write file:///{parts.netloc}{parts.path}.")
            self._folder = Path(unquote(parts.path))
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = LocalStore(self._folder)
        else:
            self._store = _remote_store(url)

    async def put(self, key: str, body: bytes) -> None:
        """Store `body` under `key`, whole or not at all; what was there is replaced.

        It has reached the disk when this returns. Raises StorageFull or Unavailable.
        """
        packed = await _aside(len(body), lambda: zstandard.ZstdCompressor(level=_LEVEL).compress(body))
        with _failures(key):
            await obstore.put_async(self._store, key, packed)
            if self._folder is not None:
                await asyncio.to_thread(_sync, self._folder / key, self._folder)

    async def get(self, key: str, *, max_bytes: int) -> bytes:
        """Return the body; never holds more than about `max_bytes` of it.

        Raises BlobMissing (BlobDamaged too), BlobTooLarge, Unavailable.
        """
        with _failures(key):
            answer = await obstore.get_async(self._store, key)
            # What does not compress grows by less than this share (zstd's ZSTD_compressBound).
            if answer.meta["size"] > max_bytes + max_bytes // 128 + 1024:
                raise BlobTooLarge(key, max_bytes)
            packed = bytes(await answer.bytes_async())
        return await _unpack(key, packed, max_bytes)

    async def get_raw(self, key: str) -> bytes:
        """Return the body as it is stored, one zstd frame; raises BlobMissing, Unavailable."""
        with _failures(key):
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())

    async def delete(self, key: str) -> None:
        """Delete the body; does nothing when there is none. Raises Unavailable."""
        try:
            with _failures(key):
                await obstore.delete_async(self._store, key)
        except BlobMissing:
            return

    async def list(self, prefix: str = "") -> Keys:
        """Return the keys below the folder `prefix`, in no order; raises Unavailable."""
        with _failures(prefix):
            stream = obstore.list(self._store, prefix or None, chunk_size=_LIST_CHUNK)
            return [entry["path"] async for chunk in stream for entry in chunk]

    async def ping(self) -> None:
        """Raise Unavailable when the store does not answer."""
        if self._folder is not None and not await asyncio.to_thread(self._folder.is_dir):
            raise Unavailable("blobs", f"the folder {self._folder} is gone")
        with _failures(""):
            async for _ in obstore.list(self._store, chunk_size=1):
                return


def _remote_store(url: str) -> ObjectStore:
    options: ClientConfig = {"connect_timeout": "5s", "timeout": "120s"}
    if any(os.environ.get(name, "").lower() in {"1", "true"} for name in _ALLOW_HTTP):
        # Given any options, obstore no longer reads this one from the environment.
        options["allow_http"] = True
    try:
        return from_url(url, client_options=options, retry_config=_RETRY)
    except (BaseError, ValueError) as error:
        scheme = urlsplit(url).scheme or "nothing"
        raise ValueError(
            f"No blob store for this {scheme}:// URL ({_detail(error)}): write file:///…, s3://bucket/prefix, gs://…, "
            "or az://…, and give what is missing in the environment."
        ) from error


@contextmanager
def _failures(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BlobMissing(key) from error
    except (BaseError, OSError) as error:
        if _FULL.search(str(error)):
            raise StorageFull(_detail(error)) from error
        raise Unavailable("blobs", _detail(error)) from error


def _detail(error: Exception) -> str:
    """Return the message's first line; a URL's query may carry a signature."""
    first_line = str(error).strip().partition("\n")[0]
    return _QUERY.sub("?…", first_line)[:_DETAIL_LIMIT] or type(error).__name__


async def _aside(size: int, work: Callable[[], R]) -> R:
    """Do `work` on `size` bytes in a thread when it would hold up the loop."""
    return await asyncio.to_thread(work) if size > _INLINE_BYTES else work()


async def _unpack(key: str, packed: bytes, max_bytes: int) -> bytes:
    try:
        declared = zstandard.frame_content_size(packed)
        if declared > max_bytes:
            raise BlobTooLarge(key, max_bytes)
        if declared < 0:
            # `put` always declares the size; what does not could only be unpacked on trust.
            raise BlobDamaged(key)
        # The library holds the frame to its declared size, so a header that lies gains nothing.
        return await _aside(declared, lambda: zstandard.ZstdDecompressor().decompress(packed))
    except zstandard.ZstdError as error:
        raise BlobDamaged(key) from error


def _sync(file: Path, root: Path) -> None:
    """Have the file and the folders that lead to it written to the disk."""
    for path in (file, *file.parents):
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            # Deleted again meanwhile, as somebody wished.
            continue
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path == root:
            return
