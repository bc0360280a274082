"""Reading JSON whose shape is only promised: what is of another type counts as not there."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sluice_shared.contracts.base import as_utc

_MOMENT = TypeAdapter(datetime)


def obj(value: Any) -> dict[str, Any]:
    """Return an object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def objs(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Return the texts in a list that are not blank."""
    return [text for item in value if (text := words(item))] if isinstance(value, list) else []


def words(value: Any) -> str | None:
    """Return a text that is not blank, without white space round it."""
    return value.strip().replace("\x00", "") or None if isinstance(value, str) else None


def moment(*values: Any) -> datetime | None:
    """Return the first that is a time, in UTC."""
    for value in values:
        if isinstance(value, str) and value:
            try:
                return as_utc(_MOMENT.validate_python(value))
            except (ValidationError, OverflowError):
                continue
    return None
