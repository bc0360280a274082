"""Working calendars: which days and hours of a place count, and when so many business days are over."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

_DAY = timedelta(days=1)
_MOST_YEARLY = 100
_ANY_LEAP_YEAR = 2000
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


class Weekday(StrEnum):
    """A day of the week, in the order of :meth:`datetime.date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_WEEKDAYS = tuple(Weekday)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        hint = "write one of the IANA database, such as Europe/Berlin"
        raise ValueError(f"no time zone is called '{name}': {hint}") from error
    return name


def _holiday(value: Any) -> Any:
    """Read `2026-12-25` as that day, and `12-25` as (month, day) of every year."""
    if not isinstance(value, str):
        return value
    try:
        if yearly := _MONTH_DAY.fullmatch(value):
            there = date(_ANY_LEAP_YEAR, int(yearly[1]), int(yearly[2]))
            return there.month, there.day
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no day: write 2026-12-25, or 12-25 for every year") from error


def _write_holiday(value: date | tuple[int, int]) -> str:
    return value.isoformat() if isinstance(value, date) else "{:02}-{:02}".format(*value)


def _opening(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = _HOURS.fullmatch(value)
    try:
        if match is not None:
            return time.fromisoformat(match[1]), time.fromisoformat(match[2])
    except ValueError:
        match = None
    raise ValueError(f"{value!r} are no hours: write them as 09:00-17:30")


def _write_opening(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Holiday = Annotated[date | tuple[int, int], BeforeValidator(_holiday), PlainSerializer(_write_holiday)]
Hours = Annotated[tuple[time, time], BeforeValidator(_opening), PlainSerializer(_write_opening)]


class CalendarPolicy(BaseModel):
    """A calendar of `policy.yaml`: where, on which days, in which hours and except when people work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(default="UTC", description="IANA name: Europe/Berlin")
    week: tuple[Weekday, ...] = Field(default=_WEEKDAYS[:5], min_length=1, description="The days that are worked on")
    hours: Hours | None = Field(
        default=None, description="When work is done, local time, such as 09:00-17:30; the whole day when left out"
    )
    holidays: tuple[Holiday, ...] = Field(
        default=(), max_length=5_000, description="Days off: 2026-12-25 once, 12-25 every year"
    )

    @model_validator(mode="after")
    def _works(self) -> Self:
        if self.hours is not None and self.hours[0] >= self.hours[1]:
            raise ValueError("hours must begin before they end, on one day, such as 09:00-17:30")
        if sum(isinstance(day, tuple) for day in self.holidays) > _MOST_YEARLY:
            raise ValueError(f"more than {_MOST_YEARLY} holidays of every year: leave days of the week out instead")
        return self


class WorkCalendar:
    """Counts business days. All moments given and returned are in UTC.

    A business day is reckoned in local time: what starts on Monday at 15:00 is due one business day later on Tuesday
    at 15:00, whether the clocks were changed in between or not. What starts outside the working time starts with the
    next working time.
    """

    def __init__(self, policy: CalendarPolicy) -> None:
        self.zone = ZoneInfo(policy.timezone)
        self._week = frozenset(_WEEKDAYS.index(day) for day in policy.week)
        self._yearly = frozenset(day for day in policy.holidays if isinstance(day, tuple))
        self._once = frozenset(day for day in policy.holidays if not isinstance(day, tuple))
        self._opens, self._closes = policy.hours or (time.min, time.max)
        self._later: dict[tuple[date, int], date] = {}

    def works_on(self, day: date) -> bool:
        """Tell whether the day is a working day."""
        off = day in self._once or (day.month, day.day) in self._yearly
        return day.weekday() in self._week and not off

    def after(self, start: datetime, days: int) -> datetime:
        """Return when ``days`` business days from ``start`` are over; always on a working day, in working hours."""
        day, at = self._working_time(start)
        return self._moment(self._days_later(day, days), at)

    def working(self, moment: datetime) -> datetime:
        """Return the moment itself when it is in the working time, else when the next working time begins."""
        day, at = self._working_time(moment)
        return self._moment(day, at)

    def begin_of(self, day: date) -> datetime:
        """Return when the day begins, whether it is a working day or not."""
        return self._moment(day, time.min)

    def _working_time(self, moment: datetime) -> tuple[date, time]:
        local = moment.astimezone(self.zone)
        day, at = local.date(), local.time()
        if self.works_on(day) and at <= self._closes:
            return day, max(at, self._opens)
        return self._days_later(day, 1), self._opens

    def _days_later(self, day: date, days: int) -> date:
        key = (day, days)
        found = self._later.get(key)
        if found is None:
            if len(self._later) > _KEPT:
                self._later.clear()
            found = self._later[key] = next(islice(self._following(day), days - 1, None))
        return found

    def _following(self, day: date) -> Iterator[date]:
        while True:
            day += _DAY
            if self.works_on(day):
                yield day

    def _moment(self, day: date, at: time) -> datetime:
        """Return the local time in UTC; one that the clocks skip is as much later, as long as it is the same day."""
        local = datetime.combine(day, at, self.zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(self.zone).date() != day:
            moment = local.replace(fold=1).astimezone(UTC)
        return moment


_KEPT = 100_000


@lru_cache(maxsize=256)
def work_calendar(policy: CalendarPolicy) -> WorkCalendar:
    """Return the calendar that counts by this part of a policy."""
    return WorkCalendar(policy)


STANDARD = CalendarPolicy()
"""Monday to Friday, UTC, no holidays: what holds where the policy names no calendar."""
