"""Keyset pages: a cursor is where the last page ended, not how many rows came before."""

import base64
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from sluice_shared.http.problem import Problem

T = TypeVar("T")
_MAX_CURSOR = 2048
_TAGS: tuple[tuple[str, type[Any], Callable[[str], Any]], ...] = (
    ("t", datetime, datetime.fromisoformat),
    ("d", date, date.fromisoformat),
    ("u", UUID, UUID),
    ("n", Decimal, Decimal),
)


class Page(BaseModel, Generic[T]):
    """A page of a list; `next_cursor` goes into `?cursor=` for what follows, and is null on the last page."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="Pass it as `cursor` for the next page")


def encode_cursor(*values: Any) -> str:
    """Pack the sort values of a page's last row; text, numbers, booleans, None, datetime, date, UUID and Decimal."""
    return base64.urlsafe_b64encode(orjson.dumps([_pack(value) for value in values])).rstrip(b"=").decode()


def decode_cursor(text: str) -> list[Any]:
    """Unpack a cursor into values of the types that went in; raises a 400 problem `bad_cursor`."""
    try:
        return _unpack_all(text)
    except (ValueError, ArithmeticError, TypeError) as error:
        raise Problem(
            400,
            "bad_cursor",
            "The cursor cannot be read",
            "Take `cursor` from `next_cursor` of the page before, unchanged, or leave it out for the first page.",
        ) from error


def _unpack_all(text: str) -> list[Any]:
    if len(text) > _MAX_CURSOR:
        raise ValueError("too long")
    values = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    if not isinstance(values, list):
        raise TypeError("not a list")
    return [_unpack(value) for value in values]


def _pack(value: Any) -> Any:
    for tag, kind, _ in _TAGS:
        if isinstance(value, kind):
            return {tag: value.isoformat() if isinstance(value, date) else str(value)}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a cursor cannot hold a {type(value).__name__}")


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    for tag, _, read in _TAGS:
        if tag in value:
            return read(value[tag])
    raise ValueError("unknown tag")
