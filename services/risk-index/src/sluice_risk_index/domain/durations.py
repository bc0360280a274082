"""Durations as people write them in a policy: `15m`, `48h`, `7d`, `4w`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=3653)
"""Ten years; what is due later is due never."""
_WRITTEN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")


def parse_duration(value: Any) -> timedelta:
    """Read `15m`, `48h`, `7d`, `4w` or `90s`; a timedelta passes. Raises ValueError with what to write."""
    if isinstance(value, timedelta):
        return value
    match = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no duration: write a number and a unit, such as 15m, 48h, 7d or 4w")
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if duration > LONGEST:
        raise ValueError(f"{value!r} is longer than ten years: write a shorter time, such as 365d")
    return duration


def write_duration(value: timedelta) -> str:
    """Write a duration in the largest unit that fits without a rest; whole seconds."""
    seconds = int(value.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(write_duration)]
"""A timedelta that is written like `48h`."""
