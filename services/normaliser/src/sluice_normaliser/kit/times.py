"""Any common way of writing a point in time, to UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

_FRACTION = re.compile(r"(\.\d{6})\d+")
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_ZONE_NAME = re.compile(r"\s*\(?\b(UTC|GMT|Z)\b\)?$", re.IGNORECASE)
_OTHER_ZONE = re.compile(r"\s+[A-Z]{3,5}$")
_GO_MONOTONIC = re.compile(r"\s+m=[+-][\d.]+$")
_ZERO_YEAR = re.compile(r"^0{3}[01]-")

_FORMATS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%dT%H%M%SZ",
    "%Y%m%d%H%M%S",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y, %I:%M %p",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y",
    "%b %d, %Y %H:%M:%S",
    "%b %d, %Y, %I:%M:%S %p",
    "%b %d, %Y",
    "%B %d, %Y",
    "%B %d, %Y %H:%M:%S",
    "%b %d %Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M:%S %p",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y",
)
"""Tried in order after ISO 8601 and RFC 2822; a date written with slashes is American unless it cannot be."""

_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[A-Za-z]+")
_OFFSETS = ("%z", "+00:00", "-0000", "-00:00", "Z")


def _shape(words: str) -> str:
    """Return a text with every number as ``0`` and every word as ``a``: what two dates in one format share."""
    return _LETTERS.sub("a", _DIGITS.sub("0", " ".join(words.split())))


def _by_shape() -> Mapping[str, tuple[str, ...]]:
    sample = datetime(2026, 11, 22, 13, 14, 15, tzinfo=UTC)
    found: dict[str, list[str]] = {}
    for pattern in _FORMATS:
        shapes = {_shape(sample.strftime(pattern.replace("%z", offset))): None for offset in _OFFSETS}
        for shape in shapes:
            found.setdefault(shape, []).append(pattern)
    return MappingProxyType({shape: tuple(patterns) for shape, patterns in found.items()})


_FORMATS_OF = _by_shape()
"""The formats that a text of a shape can be in: trying all of them takes a millisecond."""

_REMEMBERED, _LONGEST = 4_096, 64
"""Texts of which the time is remembered, for most records of a report share theirs, and characters of one."""

_SECONDS_FROM, _SECONDS_TO = 10**8, 10**11
_MICROSECONDS_FROM, _NANOSECONDS_FROM = 10**14, 10**17


def parse_time(value: Any, *formats: str) -> datetime | None:
    """Return ``value`` as an aware time in UTC, or None when it is none.

    Understands ISO 8601 in all its forms, RFC 2822, the formats in use in reports, and Unix time in seconds,
    milliseconds, microseconds or nanoseconds. Without an offset it is taken to be UTC. ``formats`` are tried first.
    A year below 1970 is the scanner's way of writing "never" and gives None.
    """
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, (int, float)):
        return None if isinstance(value, bool) else _from_unix(value)
    if not isinstance(value, str):
        return None
    words = value.strip()
    if not words or _ZERO_YEAR.match(words):
        return None
    for pattern in formats:
        if (moment := _strptime(words, pattern)) is not None:
            return _utc(moment)
    return _from_text(words) if len(words) <= _LONGEST else _from_text.__wrapped__(words)


@lru_cache(maxsize=_REMEMBERED)
def _from_text(words: str) -> datetime | None:
    return _utc(_read(words))


def _read(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", words))
    except ValueError:
        pass
    if words.replace(".", "", 1).isdigit() and len(words) not in (8, 14):
        return _from_unix(float(words))
    plain = _GO_MONOTONIC.sub("", _FRACTION.sub(r"\1", words))
    zoned = _OFFSET.sub(r"\1:\2", _ZONE_NAME.sub("+00:00", _OTHER_ZONE.sub("", plain)))
    try:
        return datetime.fromisoformat(zoned.replace(" +", "+").replace(" -", "-"))
    except ValueError:
        pass
    without_zone = _OTHER_ZONE.sub("", _ZONE_NAME.sub("", plain)).strip()
    for pattern in _FORMATS_OF.get(_shape(without_zone), ()):
        if (moment := _strptime(without_zone, pattern)) is not None:
            return moment
    try:
        return parsedate_to_datetime(words)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _strptime(words: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(words, pattern)  # noqa: DTZ007 - no offset means UTC here
    except ValueError:
        return None


def _from_unix(value: float) -> datetime | None:
    seconds = float(value)
    if seconds >= _NANOSECONDS_FROM:
        seconds /= 1e9
    elif seconds >= _MICROSECONDS_FROM:
        seconds /= 1e6
    elif seconds >= _SECONDS_TO:
        seconds /= 1e3
    if not _SECONDS_FROM <= seconds < _SECONDS_TO:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


_FIRST_YEAR = 1970


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.year < _FIRST_YEAR:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
