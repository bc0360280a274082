"""Keyset pages over ids, which grow with time."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from sluice_shared.http import Problem, decode_cursor, encode_cursor

MOST = 500
Limit = Annotated[int, Query(ge=1, le=MOST, description="Items of a page at most")]
Cursor = Annotated[str | None, Query(description="next_cursor of the page before")]


def id_in(cursor: str | None) -> UUID | None:
    """Return the id at which the last page ended. Raises Problem (bad_cursor)."""
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [UUID() as last]:
            return last
    raise Problem(400, "bad_cursor", "The cursor cannot be read", "It belongs to another list; leave it out.")


def next_cursor(last: UUID | None) -> str | None:
    """Return the cursor for the page behind this id; None when there is none."""
    return None if last is None else encode_cursor(last)
