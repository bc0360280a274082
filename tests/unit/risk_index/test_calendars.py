"""Business days: laws of counting them, and what a year with changed clocks does to them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from sluice_risk_index.domain.calendars import STANDARD, CalendarPolicy, Weekday, WorkCalendar

ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Scoresbysund", "Asia/Kolkata", "Australia/Lord_Howe",
    "Africa/Cairo", "Pacific/Chatham",
]  # fmt: skip
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001
hours = st.none() | st.tuples(st.integers(0, 11), st.integers(12, 23)).map(lambda h: (time(h[0]), time(h[1])))
calendars = st.builds(
    CalendarPolicy,
    timezone=st.sampled_from(ZONES),
    week=st.lists(st.sampled_from(Weekday), min_size=1, unique=True).map(tuple),
    hours=hours,
    holidays=st.lists(days | st.tuples(st.integers(1, 12), st.integers(1, 28)), max_size=10).map(tuple),
)
numbers = st.integers(1, 60)


@given(calendars, moments, numbers, numbers)
def test_more_business_days_are_over_later(policy, start, one, more):
    assume(one < more)
    calendar = WorkCalendar(policy)
    assert start <= calendar.after(start, one) < calendar.after(start, more)


@given(calendars, moments, numbers)
def test_what_is_due_is_due_on_a_working_day_in_working_hours(policy, start, number):
    calendar = WorkCalendar(policy)
    due = calendar.after(start, number).astimezone(calendar.zone)
    assert calendar.works_on(due.date())
    assert due.date() not in policy.holidays
    assert (due.month, due.day) not in policy.holidays
    if policy.hours is not None:
        assert policy.hours[0] <= due.time()


@given(calendars, moments)
def test_working_time_begins_never_early_and_is_what_it_is(policy, moment):
    calendar = WorkCalendar(policy)
    begun = calendar.working(moment)
    assert begun >= moment - timedelta(hours=1)  # only in an hour that the clocks repeat is it the first one
    assert calendar.works_on(begun.astimezone(calendar.zone).date())


@given(st.sampled_from(ZONES), days, st.integers(9, 17), numbers)
def test_changed_clocks_do_not_shift_the_local_time(zone, day, hour, number):
    calendar = WorkCalendar(CalendarPolicy(timezone=zone))
    assume(calendar.works_on(day))
    start = datetime.combine(day, time(hour, 30), ZoneInfo(zone)).astimezone(UTC)
    assert calendar.after(start, number).astimezone(ZoneInfo(zone)).time() == time(hour, 30)


def test_a_weekend_with_changed_clocks_and_a_holiday():
    calendar = WorkCalendar(CalendarPolicy(timezone="Europe/Berlin", holidays=("2026-03-30", "12-25")))
    friday = datetime(2026, 3, 27, 14, tzinfo=UTC)  # 15:00 in winter
    assert calendar.after(friday, 1) == datetime(2026, 3, 31, 13, tzinfo=UTC)  # 15:00 in summer, after a holiday
    christmas = datetime(2026, 12, 24, 9, tzinfo=UTC)
    assert calendar.after(christmas, 1) == datetime(2026, 12, 28, 9, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_an_hour_later():
    calendar = WorkCalendar(CalendarPolicy(timezone="Europe/Berlin", week=tuple(Weekday)))
    assert calendar.after(datetime(2026, 3, 28, 1, 30, tzinfo=UTC), 1) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-06T10:00", "2026-03-09T10:00"),
        ("2026-03-06T07:00", "2026-03-09T09:00"),  # before work: from its beginning on
        ("2026-03-06T18:00", "2026-03-10T09:00"),  # after work: as if on Monday at its beginning
        ("2026-03-07T12:00", "2026-03-10T09:00"),
    ],
)
def test_time_out_of_hours_does_not_count(start, due):
    calendar = WorkCalendar(CalendarPolicy(hours="09:00-17:30"))
    assert calendar.after(datetime.fromisoformat(start + "Z"), 1) == datetime.fromisoformat(due + "Z")


def test_a_calendar_is_written_as_it_was_read():
    policy = CalendarPolicy(timezone="Europe/Berlin", hours="09:00-17:30", holidays=("2026-12-24", "12-25"))
    assert CalendarPolicy.model_validate(policy.model_dump()) == policy
    assert CalendarPolicy() == STANDARD


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ({"timezone": "Europe/Berlim"}, "IANA database"),
        ({"timezone": "../etc/passwd"}, "IANA database"),
        ({"week": []}, "at least 1"),
        ({"hours": "17:00-09:00"}, "begin before they end"),
        ({"hours": "9-17"}, "write them as 09:00-17:30"),
        ({"hours": "09:00-25:00"}, "write them as 09:00-17:30"),
        ({"holidays": ["2026-02-30"]}, "write 2026-12-25"),
        ({"holidays": ["25.12."]}, "write 2026-12-25"),
        ({"holidays": [f"{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 12)]}, "days of the week"),
    ],
)
def test_a_bad_calendar_is_told_what_to_write(mistake, words):
    with pytest.raises(ValidationError, match=words):
        CalendarPolicy(**mistake)
