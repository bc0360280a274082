"""Reading JSON without trusting its shape: for parsers that walk a document themselves."""

from typing import Any

from sluice_normaliser.kit.coerce import text


def obj(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one."""
    return value if value.__class__ is dict else {}


def arr(value: Any) -> list[Any]:
    """Return a list, or an empty one."""
    return value if value.__class__ is list else []


def objs(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    if value.__class__ is not list:
        return []
    return [item for item in value if item.__class__ is dict]


def at(items: list[dict[str, Any]], index: Any) -> dict[str, Any]:
    """Return the item at an index (-1 and anything that is no index mean none), or an empty one."""
    if index.__class__ is int and 0 <= index < len(items):
        return items[index]
    return {}


def words(value: Any) -> str | None:
    """Return a text without the blanks round it, or None."""
    found = text(value)
    return found.strip() if found else None
