from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.risk_index.risk_strategies import moments

from sluice_risk_index.domain.calendars import STANDARD, WorkCalendar
from sluice_risk_index.domain.catalogue import Team
from sluice_risk_index.domain.durations import BusinessDays, parse_duration, parse_span, write_duration, write_span
from sluice_risk_index.domain.policy import Escalation, Policy, Requirement, RiskClass, SlaPolicy
from sluice_risk_index.domain.sla import Allowance, Clock, Deadline, Schedule, SlaState, Terms, time_allowed
from sluice_shared.contracts.events import AlertLevel
from sluice_shared.contracts.finding import Kind

T0 = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
fractions = st.lists(st.floats(0.01, 0.99), max_size=4, unique=True).map(sorted).map(tuple)
multiples = st.lists(st.floats(1.01, 10), max_size=3, unique=True).map(sorted)
policies = st.builds(
    lambda warn, escalate: SlaPolicy(warn=warn, escalate=tuple(Escalation(at=at, to="x") for at in escalate)),
    fractions,
    multiples,
)
durations = st.timedeltas(timedelta(seconds=1), timedelta(days=400))


def deadline_of(policy, allowed, *, opened_at, first_seen_at=T0, team=None, paused=timedelta(0), risk_class="act"):
    """The deadline of a finding that is to be gone within `allowed`, None where nothing binds."""
    allowance = None if allowed is None else Allowance.of(allowed)
    terms = Terms.of(policy, RiskClass(risk_class), allowance, team, WorkCalendar(STANDARD))
    return terms.deadline(Clock(first_seen_at, opened_at, paused))


def deadline(allowed=10 * HOUR, start=T0):
    return Deadline(start, start + allowed)


@given(policies, moments, durations, st.lists(durations, max_size=12))
def test_no_step_is_early_none_is_told_twice_and_none_that_is_due_waits(policy, start, allowed, pauses):
    schedule, limit = Schedule(policy), deadline(allowed, start)
    now, reached, told = start, 0.0, []
    for pause in pauses:
        now += pause / 4
        progress, step = schedule.advance(limit, reached, now)
        if step is not None:
            assert now >= start + allowed * step.fraction
            told.append(step.fraction)
        assert progress.next_at is None or progress.next_at > now
        assert (progress.state is SlaState.BREACHED) == (now >= limit.due_at)
        reached = progress.reached
    assert told == sorted(set(told))


@given(policies, moments, durations)
def test_whoever_looks_at_each_timer_takes_every_step(policy, start, allowed):
    schedule, limit = Schedule(policy), deadline(allowed, start)
    progress, told = schedule.standing(limit, 0.0), []
    while progress.next_at is not None:
        progress, step = schedule.advance(limit, progress.reached, progress.next_at)
        told.append(step)
    # Steps that fall into one microsecond are one.
    assert [step.fraction for step in told][-1] == schedule.steps[-1].fraction
    assert {step.level for step in told} <= set(AlertLevel)


def test_states_on_the_way():
    schedule, limit = Schedule(SlaPolicy()), deadline()
    states = [schedule.advance(limit, 0.0, T0 + hours * HOUR)[0].state for hours in (0, 4.9, 5, 9.9, 10, 30)]
    assert states == ["ok", "ok", "at_risk", "at_risk", "breached", "breached"]


def test_skipped_steps_raise_only_the_last():
    _, step = Schedule(SlaPolicy()).advance(deadline(), 0.0, T0 + 13 * HOUR)
    assert (step.level, step.number, step.to) == (AlertLevel.ESCALATED, 0, "team-lead")


def test_a_later_deadline_puts_steps_ahead_again_and_an_earlier_one_takes_none():
    schedule = Schedule(SlaPolicy())
    assert schedule.moved(deadline(100 * HOUR), 1.0, T0 + 60 * HOUR).reached == 0.5
    sooner = schedule.moved(deadline(10 * HOUR), 0.5, T0 + 60 * HOUR)
    assert (sooner.reached, sooner.state) == (0.5, "at_risk")
    assert sooner.next_at < T0 + 60 * HOUR


def test_in_time_or_not_is_told_by_the_end_not_by_the_sweep():
    schedule = Schedule(SlaPolicy())
    assert schedule.settled(deadline(), 0.8, T0 + 10 * HOUR).state is SlaState.MET
    assert schedule.settled(deadline(), 0.8, T0 + 10.1 * HOUR).state is SlaState.BREACHED


@pytest.mark.parametrize(
    ("risk_class", "tier", "kind", "allowed"),
    [
        ("act", "onboarding", Kind.SAST, "7d"),
        ("act", "onboarding", Kind.SECRET, "24h"),
        ("act", "standard", Kind.SAST, "48h"),
        ("act", "advanced", Kind.SAST, "48h"),
        ("attend", "onboarding", Kind.SAST, "30d"),
        ("attend", "advanced", Kind.SAST, "14d"),
        ("track_star", "standard", Kind.SAST, "90d"),
        ("track_star", "onboarding", Kind.SAST, None),
        ("track", "advanced", Kind.SAST, None),
    ],
)
def test_universal_requirements_bind_all_and_progressive_ones_from_their_tier_on(risk_class, tier, kind, allowed):
    expected = None if allowed is None else Allowance(parse_duration(allowed))
    assert time_allowed(Policy(), RiskClass(risk_class), tier, kind) == expected


@given(st.lists(st.tuples(durations, st.sampled_from([None, "onboarding", "standard", "advanced"])), max_size=6))
def test_a_higher_tier_is_never_given_more_time(rows):
    requirements = tuple(Requirement(risk_class="act", within=within, from_tier=tier) for within, tier in rows)
    policy = Policy(sla=SlaPolicy(requirements=requirements))
    allowances = [time_allowed(policy, RiskClass.ACT, tier, Kind.SAST) for tier in policy.tiers]
    times = [allowed.plain if allowed else timedelta.max for allowed in allowances]
    assert times == sorted(times, reverse=True)


def test_the_clock_starts_at_the_opening_or_goes_on_by_policy():
    times = {"first_seen_at": T0, "opened_at": T0 + 50 * HOUR, "team": None}
    assert deadline_of(SlaPolicy(), 10 * HOUR, **times) == deadline(start=T0 + 50 * HOUR)
    assert deadline_of(SlaPolicy(reopen="continue"), 10 * HOUR, **times) == deadline(start=T0)


def test_what_was_there_when_a_team_was_onboarded_gets_the_baseline():
    team = Team(name="legacy", onboarded=date(2026, 3, 10))
    times = {"first_seen_at": T0, "team": team}
    onboarded = datetime(2026, 3, 10, tzinfo=UTC)
    assert deadline_of(SlaPolicy(), 10 * HOUR, opened_at=T0, **times) == deadline(timedelta(days=30), onboarded)
    assert deadline_of(SlaPolicy(), timedelta(days=90), opened_at=T0, **times) == deadline(
        timedelta(days=90), onboarded
    )
    later = onboarded + HOUR
    assert deadline_of(SlaPolicy(), 10 * HOUR, opened_at=later, **times) == deadline(start=later)


def test_a_backlog_is_burnt_down_by_its_own_dates():
    team = Team(name="legacy", onboarded="2026-03-10", burn_down={"attend": "2026-06-30", "track": "2026-12-31"})
    policy = SlaPolicy(baseline="30d", burn_down={"act": "14d"})
    onboarded = datetime(2026, 3, 10, tzinfo=UTC)

    def due(risk_class, allowed, **more):
        return deadline_of(policy, allowed, opened_at=T0, team=team, risk_class=risk_class, **more).due_at

    assert due("act", 10 * HOUR) == onboarded + timedelta(days=14)
    assert due("track_star", 10 * HOUR) == onboarded + timedelta(days=30)
    # The whole last day is left, and a date is a date: also where no requirement binds, and after a pause.
    assert due("attend", 10 * HOUR) == datetime(2026, 7, 1, tzinfo=UTC)
    assert due("track", None) == datetime(2027, 1, 1, tzinfo=UTC)
    assert due("attend", 10 * HOUR, paused=5 * HOUR) == datetime(2026, 7, 1, 5, tzinfo=UTC)
    assert deadline_of(policy, None, opened_at=onboarded, team=team, risk_class="track") is None


def test_of_business_days_and_others_what_is_over_first_counts():
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    calendar = WorkCalendar(STANDARD)
    both = Allowance.of(timedelta(days=3), BusinessDays(1), timedelta(days=9), BusinessDays(2))
    assert both == Allowance(timedelta(days=3), 1)
    assert both.due(friday, calendar) == friday + timedelta(days=3)
    assert Allowance.of(BusinessDays(1), timedelta(days=9)).due(friday, calendar) == friday + timedelta(days=3)
    # A pause that ends on a Saturday goes on to Monday morning.
    paused = timedelta(days=5)
    assert Allowance(business=1).due(friday, calendar, paused) == datetime(2026, 3, 16, tzinfo=UTC)


@given(st.integers(1, 520), st.sampled_from("smhdw"))
def test_durations_are_read_as_they_are_written(number, unit):
    duration = parse_duration(f"{number}{unit}")
    assert parse_duration(write_duration(duration)) == duration


def test_a_duration_has_an_end():
    with pytest.raises(ValueError, match="longer than ten years"):
        parse_duration("999999w")


@pytest.mark.parametrize("wrong", ["", "7", "d", "0d", "-1d", "1.5h", "1 day", "P7D", 7, None, True])
def test_what_is_no_duration_is_told_what_to_write(wrong):
    with pytest.raises(ValueError, match="write a number and a unit"):
        parse_duration(wrong)


@given(st.integers(1, 2600))
def test_business_days_are_read_as_they_are_written(number):
    assert parse_span(write_span(BusinessDays(number))) == BusinessDays(number)


@pytest.mark.parametrize(("wrong", "words"), [("0bd", "such as 5bd"), ("5 bd", "such as 5bd"), ("9999bd", "ten years")])
def test_what_are_no_business_days_is_told_what_to_write(wrong, words):
    with pytest.raises(ValueError, match=words):
        parse_span(wrong)
