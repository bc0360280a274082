"""Ready-made functions for maps: texts, times, patterns."""

import re
from datetime import datetime
from typing import Any

from sluice_normaliser.kit import coerce, text, times
from sluice_normaliser.kit.expressions import Expr, call


def plain(value: Expr) -> call:
    """Return the value as text without HTML and terminal colours."""
    return call(lambda raw: None if (words := coerce.text(raw)) is None else text.plain(text.strip_ansi(words)), value)


def timestamp(value: Expr, *formats: str) -> call:
    """Return the value as a time; ``formats`` (strptime) are tried before the common ones."""

    def parse(raw: Any) -> datetime | None:
        return times.parse_time(raw, *formats)

    return call(parse, value)


def matching(value: Expr, pattern: str, group: int | str = 1) -> call:
    """Return what a regular expression's group finds in the value, or None."""
    compiled = re.compile(pattern, re.DOTALL)

    def find(raw: Any) -> str | None:
        found = compiled.search(coerce.text(raw) or "")
        return found.group(group) if found else None

    return call(find, value)


def one_based(value: Expr) -> call:
    """Return a line or column that the scanner counts from 0, counted from 1."""
    return call(lambda raw: None if (number := coerce.integer(raw)) is None else number + 1, value)


def split(value: Expr, separator: str = ",") -> call:
    """Return the value's parts, or a list's own items, without blanks round them."""

    def parts(raw: Any) -> list[str]:
        return [part.strip() for words in coerce.strings(raw) for part in words.split(separator) if part.strip()]

    return call(parts, value)
