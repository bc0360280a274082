"""What is said about a report is checked, and names the report together with its body."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.submission import PARAMETERS, Submission, read_submission

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASSET = "repo:github.com/acme/shop"


def test_only_the_asset_is_needed() -> None:
    assert read_submission({"asset": ASSET}, now=NOW) == Submission(asset=ASSET)


def test_what_is_empty_counts_as_not_given() -> None:
    given_nothing = dict.fromkeys(PARAMETERS, " ") | {"asset": ASSET}
    assert read_submission(given_nothing, now=NOW) == Submission(asset=ASSET)


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_a_partial_scan(text: str) -> None:
    assert read_submission({"asset": ASSET, "complete": text}, now=NOW).complete is False


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-28T10:00:00", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("2026-02-28T10:00:00Z", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("2026-02-28T10:00:00+02:00", datetime(2026, 2, 28, 8, tzinfo=UTC)),
        ("2026-02-28T10:00:00 02:00", datetime(2026, 2, 28, 8, tzinfo=UTC)),
        ("2026-02-28 10:00:00", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("2026-02-28", datetime(2026, 2, 28, tzinfo=UTC)),
        ("1772272800", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("2026-03-01T12:05:00Z", NOW + timedelta(minutes=5)),
    ],
)
def test_times_are_read_as_utc(text: str, moment: datetime) -> None:
    assert read_submission({"asset": ASSET, "scanned_at": text}, now=NOW).scanned_at == moment


@pytest.mark.parametrize("text", ["2026-03-01T12:05:01Z", "12", "0001-01-01T00:00:00+14:00", "now", "9" * 30])
def test_times_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_submission({"asset": ASSET, "scanned_at": text}, now=NOW)
    assert refused.value.reason is Refusal.BAD_PARAMETER


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=40)))
def test_whatever_is_sent_is_taken_or_refused(given_values: dict[str, str]) -> None:
    try:
        submission = read_submission(given_values, now=NOW)
    except Refused:
        return
    assert submission.fingerprint("00")


changes = st.fixed_dictionaries(
    {},
    optional={
        "ref": st.text(max_size=3),
        "commit": st.none() | st.text(max_size=3),
        "scanner": st.none() | st.text(max_size=3),
        "category": st.text(max_size=3),
        "complete": st.booleans(),
        "scanned_at": st.none() | st.datetimes(timezones=st.just(UTC)),
    },
)


@given(changes, changes, st.sampled_from(["aa", "bb"]), st.sampled_from(["aa", "bb"]))
def test_two_submissions_have_one_fingerprint_exactly_when_they_are_the_same(
    one: dict[str, object], other: dict[str, object], body: str, other_body: str
) -> None:
    left, right = (replace(Submission(asset=ASSET), **values) for values in (one, other))  # type: ignore[arg-type]
    same = left == right and body == other_body
    assert (left.fingerprint(body) == right.fingerprint(other_body)) is same


def test_the_file_name_does_not_make_another_report() -> None:
    assert Submission(asset=ASSET, filename="a").fingerprint("00") == Submission(asset=ASSET).fingerprint("00")
