"""Quiet hours: when nobody is disturbed. What falls due then waits for their end."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

_MOST_SPANS = 64


class Day(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{name}' is no time zone; write a name such as Europe/Berlin or UTC") from None
    return name


class Span(BaseModel):
    """From one time of day to another, on some days; past midnight when ``to`` is not after ``from``."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    days: list[Day] = Field(default=list(Day), min_length=1, description="The days on which it begins")
    begin: time = Field(default=time(0), alias="from")
    end: time = Field(default=time(0), alias="to")

    @model_validator(mode="after")
    def _without_zone(self) -> Self:
        if self.begin.tzinfo or self.end.tzinfo:
            raise ValueError("a time of day has no zone here; set `timezone` beside `times`")
        return self

    def end_after(self, local: datetime) -> datetime | None:
        """Return when the span ends that ``local`` lies in, or None; both without a zone."""
        for back in (0, 1):  # one that began yesterday may last past midnight
            date = local.date() - timedelta(days=back)
            if list(Day)[date.weekday()] not in self.days:
                continue
            begin = datetime.combine(date, self.begin)
            end = datetime.combine(date, self.end)
            if end <= begin:
                end += timedelta(days=1)
            if begin <= local < end:
                return end
        return None


class QuietHours(BaseModel):
    """A named set of spans."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")]
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    times: list[Span] = Field(min_length=1, max_length=_MOST_SPANS)

    def end_after(self, moment: datetime) -> datetime:
        """Return the first moment from this one on that is not quiet; quiet without a gap is ended after a week."""
        zone = ZoneInfo(self.timezone)
        limit = moment + timedelta(days=8)
        while moment < limit:
            local = moment.astimezone(zone).replace(tzinfo=None)
            ends = [end for span in self.times if (end := span.end_after(local)) is not None]
            if not ends:
                return moment
            moment = max(ends).replace(tzinfo=zone).astimezone(moment.tzinfo)
        return moment
