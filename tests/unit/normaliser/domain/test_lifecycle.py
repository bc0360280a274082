from datetime import UTC, datetime, timedelta
from uuid import UUID

from sluice_normaliser.domain.lifecycle import Hold, Presence, ScopeState, plan_scan
from sluice_normaliser.domain.matching import Matches
from sluice_normaliser.domain.scan import Position, Prepared

T0 = datetime(2026, 1, 1, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)


def at(days, sequence=1):
    return Position(T0 + timedelta(days=days), sequence)


def problem(content=b"same"):
    return Prepared(exact=b"e", keys=(), content=content, severity=3, payload=b"{}")


def scope(*finding_ids, since=None, last=None, confirmed=None, holds=False):
    since = since or at(0)
    present = {i: Presence(i, b"e", b"same", since, confirmed or since) for i in finding_ids}
    return ScopeState(last_complete=last or since, present=present, holds=holds)


def seen(finding_id):
    return Matches(joined={0: (finding_id, "exact/1")})


NOTHING = Matches()
HOLD = Hold(share=0.5, minimum=3)


def test_a_repeated_scan_changes_nothing():
    plan = plan_scan([problem()], seen(A), scope(A), at(1), complete=True, hold=HOLD)
    assert plan.touches_nothing
    assert plan.unchanged == 1


def test_a_complete_scan_without_a_finding_ends_its_presence():
    plan = plan_scan([problem()], seen(A), scope(A, B), at(1), complete=True, hold=HOLD)
    assert plan.gone == [B]


def test_a_partial_scan_ends_nothing_and_confirms_what_it_saw():
    plan = plan_scan([problem()], seen(A), scope(A, B), at(1), complete=False, hold=HOLD)
    assert plan.gone == []
    assert plan.confirmed == [A]


def test_a_late_scan_ends_nothing():
    plan = plan_scan([], NOTHING, scope(A, since=at(0), last=at(5)), at(3), complete=True, hold=HOLD)
    assert plan.late
    assert plan.gone == []


def test_a_complete_scan_does_not_end_what_a_newer_partial_one_has_seen():
    plan = plan_scan([], NOTHING, scope(A, confirmed=at(4)), at(3), complete=True, hold=HOLD)
    assert plan.gone == []


def test_equal_times_are_told_apart_by_arrival():
    plan = plan_scan([], NOTHING, scope(A, since=at(0, 1)), at(0, 2), complete=True, hold=HOLD)
    assert plan.gone == [A]


def test_a_late_scan_that_had_seen_a_finding_already_backdates_it():
    plan = plan_scan([problem()], seen(A), scope(A, since=at(5)), at(2), complete=True, hold=HOLD)
    assert plan.backdated == [A]


def test_a_late_scan_does_not_overwrite_what_a_newer_one_said():
    plan = plan_scan([problem(b"old words")], seen(A), scope(A, since=at(5)), at(2), complete=True, hold=HOLD)
    assert plan.changed == []


def test_new_words_about_a_present_finding_are_a_change():
    plan = plan_scan([problem(b"other")], seen(A), scope(A), at(1), complete=True, hold=HOLD)
    assert plan.changed == [(0, A, "exact/1")]


def test_a_known_finding_that_the_scope_did_not_show_appears():
    plan = plan_scan([problem()], seen(A), scope(), at(1), complete=True, hold=HOLD)
    assert plan.appeared == [(0, A, "exact/1")]


MANY = [UUID(int=n) for n in range(10, 14)]


def test_a_scan_that_loses_most_of_its_findings_is_held():
    plan = plan_scan([], NOTHING, scope(*MANY), at(1), complete=True, hold=HOLD)
    assert plan.gone == []
    assert plan.held == 4


def test_the_next_scan_confirms_a_held_loss():
    plan = plan_scan([], NOTHING, scope(*MANY, holds=True), at(2), complete=True, hold=HOLD)
    assert plan.gone == MANY
    assert plan.held == 0


def test_a_small_loss_is_believed_at_once():
    plan = plan_scan([], NOTHING, scope(A, B), at(1), complete=True, hold=HOLD)
    assert plan.gone == [A, B]
