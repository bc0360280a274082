"""From what a scanner wrote to the type a field has: lenient about the form, strict about the result."""

import json
import math
from typing import Any

import orjson

MAX_INTEGER = 2**53
"""Beyond this a JSON number is no line, no column and no count."""

_SURELY_SMALL = 15
"""Digits of a number that is below it."""


def text(value: Any) -> str | None:
    """Return ``value`` as text; None when there is nothing in it. Lists become lines, objects become JSON."""
    if value.__class__ is str:
        return value if value and not value.isspace() else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(filter(None, map(text, value))) or None
    if isinstance(value, dict):
        return _object_text(value)
    return str(value) or None


def _object_text(value: dict[str, Any]) -> str | None:
    inner = value.get("#text")
    if inner is not None:
        return text(inner)
    if not value:
        return None
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # an integer of more than 64 bits, which orjson reads as text but does not write
        return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))


def line(value: Any) -> str | None:
    """Return ``value`` as text on one line with single spaces, or None."""
    words = text(value)
    if words is None:
        return None
    return " ".join(words.split()) or None


def integer(value: Any) -> int | None:
    """Return ``value`` as a whole number, or None when it is none."""
    if value.__class__ is int:
        return value if -MAX_INTEGER <= value <= MAX_INTEGER else None
    if value.__class__ is str and len(value) <= _SURELY_SMALL and value.isdecimal():
        return int(value)
    if value is None or isinstance(value, bool):
        return None
    number_ = number(value)
    if number_ is None or not number_.is_integer() or abs(number_) > MAX_INTEGER:
        return None
    return int(number_)


def number(value: Any) -> float | None:
    """Return ``value`` as a finite number, or None; a per cent sign and a decimal comma are understood."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        try:
            as_float = float(value)
        except OverflowError:
            return None
        return as_float if math.isfinite(as_float) else None
    words = text(value)
    if words is None:
        return None
    words = words.strip().rstrip("%").strip()
    if "," in words and "." not in words:
        words = words.replace(",", ".", 1)
    try:
        as_float = float(words)
    except ValueError:
        return None
    return as_float if math.isfinite(as_float) else None


_TRUE = frozenset({"true", "yes", "y", "1", "t", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "f", "off"})


def boolean(value: Any) -> bool | None:
    """Return ``value`` as a truth value, or None when it says neither."""
    if isinstance(value, bool):
        return value
    words = text(value)
    if words is None:
        return None
    word = words.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def strings(value: Any) -> list[str]:
    """Return ``value`` as a list of distinct texts in order; one text is a list of one."""
    if value is None:
        return []
    if value.__class__ is str:
        return [single] if (single := value.strip()) else []
    if isinstance(value, list):
        found = [item for each in value for item in strings(each)] if value else []
        return list(dict.fromkeys(found))
    words = text(value)
    return [words.strip()] if words else []


def string_map(value: Any) -> dict[str, str]:
    """Return an object's entries as texts, without the empty ones."""
    if not isinstance(value, dict):
        return {}
    return {str(key): words for key, item in value.items() if (words := text(item)) is not None}


def is_empty(value: Any) -> bool:
    """Return True for nothing: None, an empty or blank text, an empty list or object."""
    if value is None:
        return True
    if value.__class__ is str:
        return not value or value.isspace()
    return isinstance(value, (list, dict, tuple)) and not value
