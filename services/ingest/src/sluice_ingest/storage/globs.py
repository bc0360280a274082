"""Shell globs over asset keys, as PostgreSQL understands them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, or_

_BRACKET = re.compile(r"\[(?:(!)|(?!!))(\][^\]]*|[^\]]+)\]", re.DOTALL)
_NOTHING = r"[^\U00000001-\U0010FFFF]"


def any_glob(column: SQLColumnExpression[Any], globs: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that the column matches one of the globs, by the rules of :func:`fnmatch.fnmatchcase`."""
    return or_(*(column.regexp_match(to_regex(glob)) for glob in globs))


def to_regex(glob: str) -> str:
    """Translate a glob into a regular expression of PostgreSQL (and of Python) over the whole text."""
    return f"^(?:{''.join(_parts(glob))})$"


def _parts(glob: str) -> Iterator[str]:
    at = 0
    while at < len(glob):
        bracket = _BRACKET.match(glob, at)
        if bracket:
            yield _class(bracket[2], negated=bool(bracket[1]))
            at = bracket.end()
            continue
        yield {"*": ".*", "?": "."}.get(glob[at]) or re.escape(glob[at])
        at += 1


def _class(members: str, *, negated: bool) -> str:
    """Write the characters of a bracket by their numbers, so that none has a meaning of its own."""
    ranges = "".join(rf"\U{ord(low):08x}-\U{ord(high):08x}" for low, high in _ranges(members) if low <= high)
    if not ranges:
        return "." if negated else _NOTHING
    return f"[{'^' if negated else ''}{ranges}]"


def _ranges(members: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(members):
        is_range = members[at + 1 : at + 2] == "-" and at + 2 < len(members)
        yield members[at], members[at + 2] if is_range else members[at]
        at += 3 if is_range else 1
