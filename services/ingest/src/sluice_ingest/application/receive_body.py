"""Take in a request's body: count it, check it, undo its coding, and have it ready to be stored."""

import asyncio
import hashlib
import mmap
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sluice_ingest.domain.decoding import Coding, Limits, decode, sniff
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.storage.spool import Digest, Spool

_INLINE_BYTES = 1024 * 1024
"""Up to here decoding is a few milliseconds at most, less than handing it to a busy thread pool may take."""
_MAGIC_BYTES = 4


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body; `contents` is valid only while the request is handled. Sizes are in bytes."""

    contents: bytes | mmap.mmap
    size: int
    wire_bytes: int
    sha256: str
    is_large: bool


@dataclass(frozen=True, slots=True)
class BodyReceiver:
    """Receives bodies; what is larger than `spool_bytes` waits in a temporary file, not in memory.

    A body may take `seconds` to arrive. `unpacking` bounds how many are unpacked in threads at the same time, so that
    they leave some to what is quick.
    """

    limits: Limits
    spool_bytes: int
    spool_dir: Path | None
    seconds: float
    unpacking: asyncio.Semaphore

    @contextmanager
    def receiving(self) -> Iterator["Reception"]:
        """Receive one body; its temporary files are gone when the block ends."""
        with ExitStack() as files:
            yield Reception(self, files)

    def spool(self, digests: Sequence[Digest]) -> Spool:
        """Return a place for a body that these digests are to see."""
        return Spool(self.spool_dir, self.spool_bytes, digests)


class Reception:
    """One body that is being received."""

    def __init__(self, receiver: BodyReceiver, files: ExitStack) -> None:
        self._receiver = receiver
        self._files = files

    async def receive(
        self,
        stream: AsyncIterator[bytes],
        coding: Coding,
        *,
        wire_digests: Sequence[Digest] = (),
        on_wire_end: Callable[[], None] | None = None,
    ) -> Body:
        """Read the stream to its end and return the decoded body.

        `wire_digests` see the bytes as they came, and `on_wire_end` is called before anything is decoded: it may raise
        to refuse the body. A body that was compressed as a file is decoded too. Raises Refused.
        """
        receiver = self._receiver
        sha256 = hashlib.sha256()
        plain = coding is Coding.IDENTITY
        wire = self._files.enter_context(receiver.spool([*wire_digests, sha256] if plain else wire_digests))
        try:
            async with asyncio.timeout(receiver.seconds):
                await _fill(wire, stream)
        except TimeoutError as error:
            raise Refused(
                Refusal.BODY_TOO_SLOW,
                f"The body did not arrive within {receiver.seconds:.0f} s; send it compressed, or over a faster line",
            ) from error
        if on_wire_end is not None:
            on_wire_end()
        if wire.size == 0:
            raise Refused(Refusal.EMPTY_BODY, "The body is empty; send the scanner's report as the request's body")
        coding = sniff(bytes(wire.contents()[:_MAGIC_BYTES])) if plain else coding
        if coding is Coding.IDENTITY:
            return _body(wire, wire.size, sha256.hexdigest())
        sha256 = hashlib.sha256()
        body = self._files.enter_context(receiver.spool([sha256]))
        pieces = decode(wire.chunks(), coding, wire_bytes=wire.size, limits=receiver.limits)
        if wire.is_large or not _pour(pieces, body, up_to=_INLINE_BYTES):
            async with receiver.unpacking:
                await asyncio.to_thread(_pour, pieces, body, up_to=None)
        await _seal(body)
        if body.size == 0:
            raise Refused(Refusal.EMPTY_BODY, "The body is empty after decompression; send the scanner's report")
        return _body(body, wire.size, sha256.hexdigest())


def _body(spool: Spool, wire_bytes: int, sha256: str) -> Body:
    return Body(spool.contents(), spool.size, wire_bytes, sha256, spool.is_large)


async def _fill(spool: Spool, stream: AsyncIterator[bytes]) -> None:
    async for chunk in stream:
        if chunk and spool.add(chunk):
            await asyncio.to_thread(spool.flush)
    await _seal(spool)


async def _seal(spool: Spool) -> None:
    if spool.is_large:
        await asyncio.to_thread(spool.seal)
    else:
        spool.seal()


def _pour(pieces: Iterator[bytes], spool: Spool, *, up_to: int | None) -> bool:
    """Move pieces into the spool; return False when there may be more than the `up_to` bytes that were moved."""
    for piece in pieces:
        if spool.add(piece):
            spool.flush()
        if up_to is not None and spool.size >= up_to:
            return False
    return True
