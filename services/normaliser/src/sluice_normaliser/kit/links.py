"""References: URLs, wherever a scanner puts them."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sluice_normaliser.kit import coerce
from sluice_normaliser.kit.construct import construct
from sluice_shared.contracts.finding import Reference

_URL = re.compile(r"[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'`\])]+", re.IGNORECASE)

_LONGEST = 512
"""Characters of a text whose references are remembered."""


def references(value: Any) -> list[Reference]:
    """Return the references in URLs, lists of them, or texts that hold some; a text without any is kept as it is."""
    found: dict[str, Reference] = {}
    add_references(value if value.__class__ is list else [value], found)
    return list(found.values())


def urls_in(*values: Any) -> list[str]:
    """Return the URLs in texts, lists of them or objects with them, and nothing else."""
    return list(dict.fromkeys(url.rstrip(".,;") for value in values for url in _URL.findall(coerce.text(value) or "")))


def add_references(values: Iterable[Any], found: dict[str, Reference]) -> None:
    """Add the references in values to those found before, by URL."""
    for value in values:
        if value.__class__ is Reference:
            found.setdefault(value.url, value)
        elif value.__class__ is not str:
            add_references(coerce.strings(value), found)
        elif value not in found and value:
            known = _references_in if len(value) <= _LONGEST else _references_in.__wrapped__
            for reference in known(value):
                found.setdefault(reference.url, reference)


@lru_cache(maxsize=16_384)
def _references_in(words: str) -> tuple[Reference, ...]:
    """Return the references in a text; all observations that name them share them."""
    if _URL.fullmatch(words):
        return (construct(Reference, {"url": words.rstrip(".,;")}),)
    found: dict[str, Reference] = {}
    for line in words.splitlines():
        target = line.strip()
        urls = _URL.findall(target) or [target]
        for each in urls if target else ():
            alone = len(urls) == 1 and target.startswith(each)
            title = (target[len(each) :].strip(" ()-:") or None) if alone else None
            address = each.rstrip(".,;")
            found.setdefault(address, construct(Reference, {"url": address, "title": title}))
    return tuple(found.values())
