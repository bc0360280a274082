from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifier import samples

from sluice_notifier.domain.durations import parse_duration, write_duration
from sluice_notifier.domain.grouping import first_send_at, group_by, group_by_fix
from sluice_notifier.domain.labels import labels_of
from sluice_notifier.domain.quiet_hours import QuietHours
from sluice_notifier.domain.retry import next_attempt

NOW = samples.NOW
NIGHTS = QuietHours.model_validate(
    {
        "name": "nights",
        "timezone": "Europe/Berlin",
        "times": [
            {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "20:00", "to": "07:00"},
            {"days": ["sat", "sun"]},
        ],
    }
)


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("10s", 10), ("5m", 300), ("4h", 14400), ("2d", 172800)])
def test_durations_are_read_and_written(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert write_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize("text", ["10", "10 s", "-5s", "1w", 10, None, "1.5h", ""])
def test_what_is_no_duration_is_told_how_to_write_one(text):
    with pytest.raises(ValueError, match="such as 0s, 30s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        # winter: Berlin is an hour ahead of UTC
        ("2026-03-02T12:00", "2026-03-02T12:00"),
        ("2026-03-02T18:59", "2026-03-02T18:59"),
        ("2026-03-02T19:00", "2026-03-03T06:00"),
        ("2026-03-03T05:59", "2026-03-03T06:00"),
        ("2026-03-03T06:00", "2026-03-03T06:00"),
        # Friday night, the weekend, and then Monday, whose night begins in the evening only
        ("2026-03-06T19:30", "2026-03-08T23:00"),
        # the night in which summer time begins is an hour shorter
        ("2026-03-30T19:00", "2026-03-31T05:00"),
    ],
)
def test_quiet_hours_end_by_the_local_clock(at, ends):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert NIGHTS.end_after(moment) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_quiet_without_a_gap_is_ended_all_the_same():
    always = QuietHours.model_validate({"name": "always", "times": [{}]})
    assert NOW + timedelta(days=8) <= always.end_after(NOW) <= NOW + timedelta(days=9)


def test_a_message_waits_for_its_group_the_interval_and_the_morning():
    plain = {"wait": timedelta(seconds=10), "interval": timedelta(minutes=5), "last_sent_at": None}
    assert first_send_at(NOW, **plain) == NOW + timedelta(seconds=10)
    lately = plain | {"last_sent_at": NOW - timedelta(minutes=1)}
    assert first_send_at(NOW, **lately) == NOW + timedelta(minutes=4)
    long_ago = plain | {"last_sent_at": NOW - timedelta(hours=1)}
    assert first_send_at(NOW, **long_ago) == NOW + timedelta(seconds=10)
    evening = NOW.replace(hour=19)
    assert first_send_at(evening, **plain, quiet=[NIGHTS]) == NOW.replace(day=3, hour=6)


def test_groups_are_what_their_labels_say_in_whatever_order():
    one = labels_of(samples.alert("breached", "payments"))
    assert group_by(one, ["team", "level"]) == group_by(one, ["level", "team"])
    other = labels_of(samples.alert("warned", "payments"))
    assert group_by(one, ["team"]) == group_by(other, ["team"])
    assert group_by(one, ["team", "level"]).key != group_by(other, ["team", "level"]).key
    assert group_by(one, ["team", "level"]).labels == {"team": "payments", "level": "breached"}


def test_values_that_run_into_each_other_are_different_groups():
    assert group_by({"a": ("x",), "b": ("yz",)}, ["a", "b"]) != group_by({"a": ("xy",), "b": ("z",)}, ["a", "b"])


def test_tickets_are_for_an_asset_and_a_fix():
    fix = "upgrade openssl to 3.0.13"
    first, second = (labels_of(samples.alert(level, fix_action=fix)) for level in ("warned", "breached"))
    assert group_by_fix(first) == group_by_fix(second)
    elsewhere = labels_of(samples.alert(fix_action=fix, asset="repo:github.com/acme/other"))
    assert group_by_fix(first) != group_by_fix(elsewhere)
    unknown = [labels_of(samples.alert(fix_action=None)) for _ in range(2)]
    assert group_by_fix(unknown[0]) != group_by_fix(unknown[1])


@given(
    attempts=st.integers(1, 10_000),
    after=st.none() | st.floats(0, 50_000).map(lambda s: timedelta(seconds=s)),
    left=st.floats(0, 90_000),
    spread=st.floats(0, 1),
)
def test_a_retry_is_never_early_never_past_its_time_and_never_more_than_a_fifth_late(attempts, after, left, spread):
    give_up_at = NOW + timedelta(seconds=left)
    at = next_attempt(NOW, attempts=attempts, after=after, give_up_at=give_up_at, spread=spread)
    least = max(min(900.0, 5.0 * 2 ** min(attempts - 1, 20)), after.total_seconds() if after else 0.0)
    if at is None:
        assert NOW + timedelta(seconds=least * 1.2001) > give_up_at
    else:
        assert at <= give_up_at
        assert least - 0.001 <= (at - NOW).total_seconds() <= least * 1.2001
