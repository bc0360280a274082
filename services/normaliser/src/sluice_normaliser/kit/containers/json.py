"""JSON: parsed by orjson, checked for depth, and forgiving where real scanners are sloppy."""

import json as stdlib_json
import re
from itertools import accumulate
from typing import Any

import orjson

from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

MAX_DEPTH = 200
"""Levels of nesting; real reports stay below 40."""

_KEEP = b'[]{}"'
_DROP = bytes(set(range(256)) - set(_KEEP))
_STRINGS = re.compile(rb'"[^"]*"')
_STEP = {**dict.fromkeys(b"[{", 1), **dict.fromkeys(b"]}", -1)}
_WORTHWHILE = 0.02
_LONE_SURROGATE = re.compile(r"(?<!\\)((?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_LONE_LOW = re.compile(r"(?<![0-9a-fA-F]{4})(?<!\\)((?:\\\\)*)\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_BLANK = b" \t\r\n\x1e"


def load(body: bytes) -> Any:
    """Return the JSON value in ``body``; raise ReportError (TOO_DEEP, TRUNCATED, MALFORMED) with line and column."""
    value = parse(body)
    check_nesting(value)
    return value


def load_many(body: bytes) -> list[Any]:
    """Return the values of JSON lines, of concatenated JSON, or of one value; raise ReportError as ``load`` does."""
    values = parse_many(body)
    check_nesting(values, MAX_DEPTH + 1)
    return values


def parse(body: bytes) -> Any:
    """Return the JSON value in ``body``, however deep; raise ReportError as ``load`` does where it is not plain JSON.

    For whoever looks only at its outside: ``check_nesting`` comes before anything that follows it down.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        check_depth(body)
        return _load_sloppy(body, error)


def parse_many(body: bytes) -> list[Any]:
    """Return the values of JSON lines, of concatenated JSON, or of one value, as ``parse`` does."""
    try:
        return [orjson.loads(body)]
    except orjson.JSONDecodeError as error:
        return _load_lines(body, error)


def _load_lines(body: bytes, whole: orjson.JSONDecodeError) -> list[Any]:
    values: list[Any] = []
    for number, each in enumerate(body.splitlines(), 1):
        if not each.strip(_BLANK):
            continue
        try:
            values.append(orjson.loads(each.strip(_BLANK)))
        except orjson.JSONDecodeError:
            check_depth(body)
            return _concatenated(body, whole, first_line_failed=number == 1 or not values)
    if not values:
        raise _error(body, whole)
    return values


def _concatenated(body: bytes, error: orjson.JSONDecodeError, *, first_line_failed: bool) -> list[Any]:
    decoder = stdlib_json.JSONDecoder(strict=False)
    words = body.decode("utf-8", "replace")
    values: list[Any] = []
    position = _skip(words, 0)
    while position < len(words):
        try:
            value, position = decoder.raw_decode(words, position)
        except stdlib_json.JSONDecodeError as cut:
            if first_line_failed and not values:
                return [_load_sloppy(body, error)]
            raise _located(body, cut.msg, len(words[: cut.pos].encode())) from cut
        except RecursionError as deep:
            raise _too_deep() from deep
        values.append(value)
        position = _skip(words, position)
    return values


def _skip(words: str, position: int) -> int:
    while position < len(words) and words[position] in " \t\r\n,\x1e":
        position += 1
    return position


def _load_sloppy(body: bytes, error: orjson.JSONDecodeError) -> Any:
    """Return what Python's own parser makes of it: NaN, raw control characters, lone surrogates."""
    if error.msg.startswith("unexpected content after"):
        raise _error(body, error)
    words = body.decode("utf-8", "replace")
    words = _LONE_LOW.sub(r"\1\\ufffd", _LONE_SURROGATE.sub(r"\1\\ufffd", words)) if "\\ud" in words.lower() else words
    try:
        return stdlib_json.loads(words, strict=False, parse_constant=lambda _: None)
    except RecursionError as deep:
        raise _too_deep() from deep
    except ValueError:
        raise _error(body, error) from error


def _error(body: bytes, error: orjson.JSONDecodeError) -> ReportError:
    if "depth limit" in error.msg or "ecursion" in error.msg:
        return _too_deep()
    position = len(str(error.doc)[: error.pos].encode("utf-8", "replace")) if isinstance(error.doc, str) else error.pos
    return _located(body, error.msg, position)


def _located(body: bytes, message: str, position: int) -> ReportError:
    before = body[:position]
    line, column = before.count(b"\n") + 1, position - (before.rfind(b"\n") + 1) + 1
    if position >= len(body.rstrip()) or "end of data" in message or "nterminated string" in message:
        return ReportError(
            RejectReason.TRUNCATED,
            f"the JSON ends in the middle, at line {line} column {column}: is the report truncated? "
            "Send the whole file, and check that the scanner ended by itself",
        )
    message = message.partition(": line ")[0]
    return ReportError(
        RejectReason.MALFORMED,
        f"no valid JSON at line {line} column {column}: {message}. "
        "Send the file as the scanner wrote it, without its log output mixed in",
    )


def _too_deep() -> ReportError:
    return ReportError(
        RejectReason.TOO_DEEP, f"the JSON is nested deeper than {MAX_DEPTH} levels, which no scanner's report is"
    )


def _deepest() -> int:
    """Return how many levels orjson writes, which is fewer than it reads."""
    levels = 1
    value: list[Any] = []
    while True:
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError:
            return levels - 1
        levels, value = levels + 1, [value]


_DEEPEST = _deepest()


def check_nesting(value: Any, limit: int = MAX_DEPTH) -> None:
    """Raise ReportError when a value nests deeper than ``limit``.

    Writing it, below as many lists as make up for the limit that orjson has by itself, takes a tenth of the time of
    counting brackets.
    """
    for _ in range(_DEEPEST - limit):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        if "ecursion" in str(error):  # else a number of Python's parser, before which brackets were counted
            raise _too_deep() from error


def check_depth(body: bytes, limit: int = MAX_DEPTH) -> None:
    """Raise ReportError when the JSON nests deeper than ``limit``.

    Works on brackets alone and without recursion: drop everything but brackets and quotes, drop strings, then peel the
    innermost pairs layer by layer.
    """
    if body.count(b"[") + body.count(b"{") <= limit:
        return
    rest = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
    rest = brackets = _STRINGS.sub(b"", rest.translate(None, _DROP).replace(b'""', b""))
    for _ in range(limit):
        size = len(rest)
        rest = rest.replace(b"[]", b"").replace(b"{}", b"")
        if not rest:
            return
        if size - len(rest) < size * _WORTHWHILE:
            break
    else:
        raise _too_deep()
    if any(depth > limit for depth in accumulate(_STEP.get(byte, 0) for byte in brackets)):
        raise _too_deep()
