"""Durations as people write them in a policy: `15m`, `48h`, `7d`, `4w`; and `5bd`, which counts business days."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=3653)
"""Ten years; what is due later is due never."""
MOST_BUSINESS_DAYS = 2_600
"""Ten years of five-day weeks."""
_WRITTEN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_BUSINESS = re.compile(r"([1-9][0-9]{0,5})bd")


@dataclass(frozen=True, slots=True, order=True)
class BusinessDays:
    """So many working days of a calendar."""

    days: int

    def __str__(self) -> str:
        return f"{self.days}bd"


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


def parse_span(value: Any) -> timedelta | BusinessDays:
    """Read a duration, or business days such as `5bd`. Raises ValueError with what to write."""
    if isinstance(value, BusinessDays):
        return value
    match = _BUSINESS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        try:
            return parse_duration(value)
        except ValueError as error:
            if "ten years" in str(error):
                raise
            raise ValueError(f"{error}; or business days, such as 5bd") from error
    if int(match[1]) > MOST_BUSINESS_DAYS:
        raise ValueError(f"{value!r} is longer than ten years: write fewer business days, such as 250bd")
    return BusinessDays(int(match[1]))


def write_duration(value: timedelta) -> str:
    """Write a duration in the largest unit that fits without a rest; whole seconds."""
    seconds = int(value.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def write_span(value: timedelta | BusinessDays) -> str:
    """Write a duration or business days as a policy has them."""
    return str(value) if isinstance(value, BusinessDays) else write_duration(value)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(write_duration)]
"""A timedelta that is written like `48h`."""
Span = Annotated[timedelta | BusinessDays, BeforeValidator(parse_span), PlainSerializer(write_span)]
"""A timedelta, or business days, written like `48h` or `5bd`."""
