import re
from datetime import timedelta
from fnmatch import fnmatchcase
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifier import samples

from sluice_notifier.domain.globs import to_regex
from sluice_notifier.domain.inhibition import InhibitRule, inhibited_by
from sluice_notifier.domain.labels import labels_of
from sluice_notifier.domain.message import MessageKind, item_of
from sluice_notifier.domain.wording import due, facts, happenings, headline, one_line, shorten, span


def test_a_message_of_several_levels_has_the_most_pressing_one_and_counts_each():
    message = samples.message(*(samples.alert(level) for level in ("resolved", "warned", "breached", "warned")))
    assert message.level == "breached"
    assert {level.value: count for level, count in message.levels.items()} == {
        "resolved": 1,
        "warned": 2,
        "breached": 1,
    }
    assert [item.level for item in message.items] == ["breached", "warned", "warned", "resolved"]


def test_the_worst_findings_come_first():
    message = samples.message(*(samples.alert(score=score) for score in (10, 90, 50)))
    assert [item.score for item in message.items] == [90, 50, 10]


def test_a_message_has_each_contact_once():
    message = samples.message(samples.alert(), samples.alert())
    assert [contact.email for contact in message.contacts] == ["payments@acme.io"]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (samples.message(samples.alert("breached")), "HIGH past the deadline: SQL injection · payments"),
        (samples.message(*[samples.alert("warned")] * 3), "3 findings near the deadline · payments"),
        (
            samples.message(samples.alert(), samples.alert("resolved")),
            "2 findings 1 past the deadline, 1 resolved · payments",
        ),
        (samples.message(*[samples.alert(team=team) for team in "ab"]), "2 findings past the deadline"),
        (samples.message(kind=MessageKind.DIGEST), "Digest: 1 finding (past the deadline) above the hourly limit of r"),
        (samples.message(kind=MessageKind.TEST), "Test message of Sluice to the receiver r"),
    ],
)
def test_the_headline_says_what_happened_to_how_many_and_whose_they_are(message, text):
    assert headline(message) == text


def test_a_deadline_is_told_relative_and_absolute():
    ahead = item_of(samples.alert("warned"))
    assert due(ahead, samples.NOW) == "in 3 d 4 h (2026-03-05 16:00 UTC)"
    over = item_of(samples.alert(due_at=samples.NOW - timedelta(minutes=90)))
    assert due(over, samples.NOW) == "1 h 30 min overdue (2026-03-02 10:30 UTC)"
    assert due(item_of(samples.alert("resolved")), samples.NOW) is None
    assert due(item_of(samples.alert(due_at=None)), samples.NOW) is None


def test_the_facts_are_what_people_ask_for():
    known = dict(facts(item_of(samples.alert()), samples.NOW))
    assert known["Severity"] == "high, class Act, score 80"
    assert known["Rule"] == "CWE-89, sql-injection"
    assert known["First seen"] == "2026-02-20 12:00 UTC (10 d ago)"
    assert set(known) == {"Severity", "Asset", "Where", "Rule", "Team", "Due", "First seen", "Found by", "Fix"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (90_000, "1 d 1 h"), (86_460, "1 d")],
)
def test_a_length_of_time_has_two_units_at_most(seconds, text):
    assert span(timedelta(seconds=seconds)) == text


@given(st.text())
def test_one_line_is_one_line(text):
    folded = one_line(text)
    assert folded.isprintable()
    assert len(folded.splitlines()) <= 1


@given(st.text(max_size=50), st.integers(1, 40))
def test_shortened_text_fits(text, longest):
    assert len(shorten(text, longest)) <= longest


def test_happenings_of_one_level_need_no_count():
    assert happenings(samples.message(samples.alert("opened"), samples.alert("opened"))) == "newly found"


def test_only_the_same_finding_is_inhibited():
    finding = uuid4()
    rule = InhibitRule.model_validate({"source": ["level = escalated"], "target": ["level =~ warned|breached"]})
    standing = [labels_of(samples.alert("escalated", finding_id=finding))]
    assert inhibited_by([rule], labels_of(samples.alert("breached", finding_id=finding)), standing) == 1
    assert inhibited_by([rule], labels_of(samples.alert("breached")), standing) is None
    assert inhibited_by([rule], labels_of(samples.alert("opened", finding_id=finding)), standing) is None
    assert inhibited_by([rule], standing[0], standing) is None


def test_inhibition_can_be_by_asset_or_team():
    rule = InhibitRule.model_validate(
        {"source": ["class = act"], "target": ["class = track"], "equal": ["asset", "team"]}
    )
    standing = [labels_of(samples.alert())]
    assert inhibited_by([rule], labels_of(samples.alert(risk_class="track")), standing) == 1
    assert inhibited_by([rule], labels_of(samples.alert(risk_class="track", team="other")), standing) is None


@given(
    st.text(alphabet="ab/*?.[]!-", max_size=8),
    st.text(alphabet="ab/.-]", max_size=8),
)
def test_globs_mean_the_same_as_regular_expressions(glob, text):
    if "[" in glob:  # ranges and odd brackets are PostgreSQL's to read; the plain ones are tested here
        return
    assert (re.fullmatch(to_regex(glob), text) is not None) == fnmatchcase(text, glob)
