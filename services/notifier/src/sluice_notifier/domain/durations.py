"""Durations as people write them in ``routes.yaml``: ``0s``, ``10s``, ``5m``, ``4h``, ``1d``."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WRITTEN = re.compile(r"([0-9]{1,6})([smhd])")


def parse_duration(value: Any) -> timedelta:
    """Read ``10s``, ``5m``, ``4h`` or ``1d``; a timedelta passes. Raises ValueError with what to write."""
    if isinstance(value, timedelta):
        return value
    match = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no duration; write a number and a unit, such as 0s, 30s, 5m, 4h or 1d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def write_duration(value: timedelta) -> str:
    """Write a duration in the largest unit that fits without a rest; whole seconds."""
    seconds = int(value.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(write_duration)]
"""A timedelta that is written like ``5m``."""
