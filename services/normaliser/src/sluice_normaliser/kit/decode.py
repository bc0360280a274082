"""From the bytes of a body to UTF-8 without anything that a row could not hold."""

import gzip
import re
import zlib
from typing import NamedTuple

import zstandard

from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

MAX_BODY = 512 * 1024 * 1024
"""Bytes of a decompressed body."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 10  # of compressed bytes: what one of them may become stays within memory
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_NUL_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 4096


class Decoded(NamedTuple):
    """A body in UTF-8 without a byte order mark; ``encoding`` is what it was in, ``guessed`` that nobody said so."""

    body: bytes
    encoding: str
    guessed: bool = False


def decompress(body: bytes, limit: int = MAX_BODY) -> bytes:
    """Return the body without gzip or zstd round it; raise ReportError when it is damaged or beyond ``limit`` bytes."""
    try:
        if body.startswith(_GZIP):
            return _gunzip(body, limit)
        if body.startswith(_ZSTD):
            return _unzstd(body, limit)
    except (zlib.error, zstandard.ZstdError, gzip.BadGzipFile, EOFError) as error:
        raise ReportError(
            RejectReason.TRUNCATED, f"the compressed body is damaged or cut off ({error}); send it again"
        ) from error
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> ReportError:
    return ReportError(
        RejectReason.TOO_LARGE,
        f"the report is larger than {limit // (1024 * 1024)} MiB decompressed; split it by project or target",
    )


def _gunzip(body: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = inflater.decompress(body, limit + 1)
    if len(plain) > limit:
        raise _too_large(limit)
    if not inflater.eof:
        raise EOFError("the gzip stream ends early")
    return plain


def _unzstd(body: bytes, limit: int) -> bytes:
    frames = zstandard.ZstdDecompressor()
    inflater = frames.decompressobj()
    parts: list[bytes] = []
    size = 0
    for start in range(0, len(body), _CHUNK):
        given = body[start : start + _CHUNK]
        while given:
            if inflater.eof:
                inflater = frames.decompressobj()
            parts.append(inflater.decompress(given))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
            given = inflater.unused_data
    if not inflater.eof:
        raise EOFError("the zstd stream ends early")
    return b"".join(parts)


def decode(body: bytes) -> Decoded:
    """Return the body in UTF-8: by its byte order mark, its zero bytes, as UTF-8, at last as Latin-1 (guessed)."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return Decoded(_clean(body[len(mark) :].decode(encoding, "replace").encode()), encoding)
    sample = body[:_SAMPLE]
    if b"\x00" in sample:
        encoding = _by_zeroes(sample)
        return Decoded(_clean(body.decode(encoding, "replace").encode()), encoding, guessed=True)
    try:
        if not body.isascii():
            body.decode("utf-8")
    except UnicodeDecodeError:
        declared = _XML_ENCODING.match(body)
        encoding = declared.group(1).decode("ascii") if declared else "latin-1"
        return Decoded(_clean(_decode_as(body, encoding).encode()), encoding, guessed=declared is None)
    return Decoded(_clean(body), "utf-8")


def _decode_as(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding, "replace")
    except LookupError:
        return body.decode("latin-1")


def _by_zeroes(sample: bytes) -> str:
    """Return which UTF-16 a text without a mark is in: ASCII has its zero byte first (big-endian) or second."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) // 2:
        return "utf-8"
    return "utf-16-be" if even > odd else "utf-16-le"


def _clean(body: bytes) -> bytes:
    """Return the body without NUL characters, which no database text can hold."""
    if b"\x00" in body:
        body = body.replace(b"\x00", b"")
    if b"\\u0000" in body:
        body = _NUL_ESCAPE.sub(rb"\1\\ufffd", body)
    return body
