"""Content codings of a body (RFC 9110 section 8.4), undone piece by piece in bounded memory.

Nothing here holds a whole body: coded chunks go in, decoded pieces come out, and the limits are looked at after every
piece, so that a decompression bomb costs no more than one piece beyond its limit.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import zstandard

from sluice_ingest.domain.refusal import Refusal, Refused

PIECE_BYTES = 256 * 1024
RATIO_GRACE_BYTES = 16 * 1024 * 1024
"""Up to this size a body may expand by any ratio: a small, very repetitive report is no bomb."""

# A block of 4 coded bytes can stand for 128 KiB (RFC 8878 section 3.1.1.2), and the decoder gives back all that its
# input stands for at once; so the input is given in slices small enough to keep that below 8 MiB.
_ZSTD_SLICE_BYTES = 256
_ZSTD_WINDOW_BYTES = 128 * 1024 * 1024
_GZIP_WINDOW = 16 + zlib.MAX_WBITS

_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class Coding(StrEnum):
    """A content coding that ingest can undo."""

    IDENTITY = "identity"
    GZIP = "gzip"
    ZSTD = "zstd"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one body: bytes on the wire, bytes after decoding, and how many times it may expand."""

    wire_bytes: int
    body_bytes: int
    ratio: int


def coding_of(header: str | None) -> Coding:
    """Return the coding that a Content-Encoding header names.

    Raises Refused (unknown_encoding) for any other, and for several at once.
    """
    name = (header or "").strip().lower()
    if name in ("", "identity"):
        return Coding.IDENTITY
    if name in ("gzip", "x-gzip"):
        return Coding.GZIP
    if name == "zstd":
        return Coding.ZSTD
    raise Refused(
        Refusal.UNKNOWN_ENCODING,
        f"Content-Encoding '{name[:80]}' is not supported; send gzip, zstd, or the body as it is without the header",
        supported=[coding.value for coding in Coding],
    )


def sniff(first: bytes) -> Coding:
    """Return the coding that a body's first bytes show: a report that was compressed as a file is still a report."""
    if first.startswith(_GZIP_MAGIC):
        return Coding.GZIP
    if first.startswith(_ZSTD_MAGIC):
        return Coding.ZSTD
    return Coding.IDENTITY


def decode(chunks: Iterable[bytes], coding: Coding, *, wire_bytes: int, limits: Limits) -> Iterator[bytes]:
    """Yield the decoded pieces of a body that has `wire_bytes` bytes on the wire.

    Raises Refused as soon as the body passes a limit, is cut short, or is not what its coding says.
    """
    produced = 0
    for piece in _decoders[coding](chunks):
        produced += len(piece)
        check_expansion(produced, wire_bytes, limits)
        yield piece


def check_expansion(produced: int, wire_bytes: int, limits: Limits) -> None:
    """Raise Refused when `produced` decoded bytes from `wire_bytes` bytes on the wire are too many."""
    if produced > limits.body_bytes:
        raise Refused(
            Refusal.BODY_TOO_LARGE,
            f"The body is larger than {limits.body_bytes} bytes after decompression; split the report into several "
            "categories, or ask the operator to raise SLUICE_MAX_BODY_BYTES",
            limit_bytes=limits.body_bytes,
        )
    if produced > RATIO_GRACE_BYTES and produced > wire_bytes * limits.ratio:
        raise Refused(
            Refusal.BODY_EXPANDS_TOO_FAR,
            f"The body expands to more than {limits.ratio} times its compressed size, as decompression bombs do; "
            "send it uncompressed, or ask the operator to raise SLUICE_MAX_EXPANSION",
            limit_ratio=limits.ratio,
        )


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP_WINDOW)
    for chunk in chunks:
        rest, more = chunk, True
        while rest or more:
            if decoder.eof:
                # Members may follow one another (RFC 1952 section 2.2), and some writers pad the end with zeros.
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                decoder = zlib.decompressobj(_GZIP_WINDOW)
            try:
                piece = decoder.decompress(rest, PIECE_BYTES)
            except zlib.error as error:
                raise _undecodable(Coding.GZIP) from error
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            # A full piece may leave output behind in the decoder although it took all input.
            more = len(piece) == PIECE_BYTES
            if piece:
                yield piece
    if not decoder.eof:
        raise _incomplete(Coding.GZIP)


def _zstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    frames = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
    decoder = frames.decompressobj()
    for chunk in chunks:
        view = memoryview(chunk)
        for start in range(0, len(view), _ZSTD_SLICE_BYTES):
            rest = bytes(view[start : start + _ZSTD_SLICE_BYTES])
            while rest:
                if decoder.eof:
                    decoder = frames.decompressobj()
                try:
                    piece = decoder.decompress(rest)
                except zstandard.ZstdError as error:
                    raise _undecodable(Coding.ZSTD) from error
                rest = decoder.unused_data if decoder.eof else b""
                if piece:
                    yield piece
    if not decoder.eof:
        raise _incomplete(Coding.ZSTD)


def _identity(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from chunks


_decoders = {Coding.IDENTITY: _identity, Coding.GZIP: _gzip, Coding.ZSTD: _zstd}


def _undecodable(coding: Coding) -> Refused:
    return Refused(
        Refusal.BODY_UNDECODABLE,
        f"The body is no valid {coding} stream; send the report uncompressed, or compress it again",
    )


def _incomplete(coding: Coding) -> Refused:
    return Refused(
        Refusal.BODY_INCOMPLETE,
        f"The {coding} stream ends too early: the body was cut short on its way; send it again",
    )
