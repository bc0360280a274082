"""Query parameters that name several values, and orders and cursors."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Query

from sluice_risk_index.domain.criteria import After, Sort, SortKey
from sluice_risk_index.domain.score import MAX_SCORE
from sluice_shared.http import Problem, decode_cursor, encode_cursor

MAX_PAGE = 500
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Entries a page")]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]
_MOST_VALUES = 200


def several(values: Sequence[str], name: str) -> list[str]:
    """Split values that are repeated, separated by commas, or both; raises a 400 problem when they are too many."""
    for value in values:
        printable(value, name)
    parts = list(dict.fromkeys(part for value in values for part in map(str.strip, value.split(",")) if part))
    if len(parts) > _MOST_VALUES:
        raise Problem(
            400,
            "too_many_values",
            "The filter names too many values",
            f"'{name}' has {len(parts)} values; at most {_MOST_VALUES} are allowed. Ask in parts.",
        )
    return parts


def printable(text: str, name: str) -> str:
    """Return the text; raises a 400 problem when it has a character that no name has."""
    if "\x00" in text:
        raise Problem(
            400,
            "bad_character",
            "The parameter has a character that cannot be",
            f"'{name}' contains a NUL character; leave it out.",
            parameter=name,
        )
    return text


def known(values: Sequence[str], name: str, allowed: type[StrEnum]) -> list[str]:
    """Split values like :func:`several`; raises a 400 problem for one that is none of the enum's."""
    wanted = [value.lower() for value in several(values, name)]
    members: Iterable[StrEnum] = allowed
    names = [member.value for member in members]
    for value in wanted:
        if value not in names:
            raise Problem(
                400,
                "unknown_value",
                "The filter names a value that does not exist",
                f"'{value}' is no {name}; write one or more of {', '.join(names)}.",
                parameter=name,
            )
    return wanted


def read_sort(text: str) -> Sort:
    """Read `-score`, `due` and the like; raises a 400 problem."""
    key = text.removeprefix("-")
    if key not in set(SortKey):
        raise Problem(
            400,
            "unknown_sort",
            "The order does not exist",
            f"'{text}' is no order; write one of {', '.join(SortKey)}, with a '-' before it for falling order.",
        )
    return Sort(SortKey(key), descending=text.startswith("-"))


def read_cursor(cursor: str | None, sort: Sort) -> After | None:
    """Read a cursor of a list in this order; raises a 400 problem when it is of another list."""
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [order, value, UUID() as finding] if order == str(sort) and _is_value_of(sort, value):
            return After(value, finding)
    raise Problem(
        400,
        "bad_cursor",
        "The cursor is of another list",
        "Pass `cursor` with the same `sort` as the page that it came from, or leave it out to begin at the first page.",
    )


def _is_value_of(sort: Sort, value: object) -> bool:
    """Tell whether a cursor's value, which anybody may have written, can be one of the order's."""
    if sort.key is SortKey.SCORE:
        return isinstance(value, float | int) and 0 <= value <= MAX_SCORE
    if not isinstance(value, str):
        return False
    try:
        return value == "infinity" or datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def write_cursor(after: After | None, sort: Sort) -> str | None:
    """Write the cursor of the page that begins there."""
    return None if after is None else encode_cursor(str(sort), after.value, after.id)
