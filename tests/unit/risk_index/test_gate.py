from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sluice_risk_index.domain.gate import Comparison, Judged, Verdict, judge
from sluice_risk_index.domain.policy import Counted, GatePolicy, ScanRules, Thresholds
from sluice_risk_index.domain.scans import PracticeState, Scan, practices_of, write_age
from sluice_shared.contracts.finding import Kind, Severity

NOW = datetime(2026, 5, 1, tzinfo=UTC)
severities = st.lists(st.sampled_from(Severity), max_size=8)
thresholds = st.builds(
    Thresholds, fail=st.frozensets(st.sampled_from(Severity)), warn=st.frozensets(st.sampled_from(Severity))
)
scans = st.lists(
    st.builds(
        Scan,
        scanner=st.sampled_from(["semgrep", "trivy", "gitleaks"]),
        kind=st.sampled_from([None, Kind.SAST, Kind.SECRET]),
        at=st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda age: NOW - age),
    ),
    max_size=6,
)
required = st.builds(ScanRules, required=st.frozensets(st.sampled_from([Kind.SAST, Kind.SECRET, Kind.DAST])))
counted = st.sampled_from(Counted)
ORDER = [Verdict.PASS, Verdict.WARN, Verdict.STALE, Verdict.MISSING, Verdict.FAIL]
FRESH = [Scan("semgrep", Kind.SAST, NOW - timedelta(hours=1))]


def gate(found, limits, known=FRESH, rules=None, *, secrets=0, count=Counted.NEW, base_scanned=True):
    judged = [Judged(severity, secret=False, number=1) for severity in found]
    judged += [Judged(Severity.LOW, secret=True, number=secrets)] if secrets else []
    asked = Comparison("feature", "main", "standard", count, base_scanned, NOW)
    return judge(judged, limits, practices_of(known, rules or ScanRules(), NOW), asked)


@given(severities, st.sampled_from(Severity), thresholds, scans.filter(bool), required, counted)
def test_one_more_finding_never_makes_a_verdict_better(found, more, limits, known, rules, count):
    before = gate(found, limits, known, rules, count=count).verdict
    after = gate([*found, more], limits, known, rules, count=count).verdict
    assert ORDER.index(before) <= ORDER.index(after)


@given(severities, thresholds, required, counted)
def test_of_a_ref_without_a_scan_the_scan_is_missing(found, limits, rules, count):
    answer = gate(found, limits, [], rules, secrets=1, count=count)
    assert answer.verdict is Verdict.MISSING
    assert answer.reasons


@given(severities, thresholds, scans, required, counted)
def test_what_is_stale_or_missing_never_passes(found, limits, known, rules, count):
    bad = [practice for practice in practices_of(known, rules, NOW) if practice.bad]
    answer = gate(found, limits, known, rules, count=count)
    if bad or not known:
        assert answer.verdict not in (Verdict.PASS, Verdict.WARN)


@given(severities, thresholds, scans.filter(bool), required, counted)
def test_a_secret_always_stops_a_change(found, limits, known, rules, count):
    assert gate(found, limits, known, rules, secrets=1, count=count).verdict is Verdict.FAIL


@given(severities, thresholds, counted)
def test_every_answer_has_its_reasons_and_counts_everything(found, limits, count):
    answer = gate(found, limits, count=count)
    assert answer.reasons
    assert sum(answer.counts.values()) == len(found)


@given(scans, required, st.sampled_from(["semgrep", "trivy"]))
def test_another_scan_never_makes_a_practice_worse(known, rules, scanner):
    before = {p.kind: p.state for p in practices_of(known, rules, NOW) if p.kind}
    after = {p.kind: p.state for p in practices_of([*known, Scan(scanner, Kind.SAST, NOW)], rules, NOW)}
    order = [PracticeState.MISSING, PracticeState.STALE, PracticeState.FRESH]
    assert all(order.index(after[kind]) >= order.index(state) for kind, state in before.items())


def test_tiers_have_their_own_thresholds():
    policy = GatePolicy()
    assert gate([Severity.HIGH], policy.thresholds("standard")).verdict is Verdict.FAIL
    assert gate([Severity.HIGH], policy.thresholds("onboarding")).verdict is Verdict.WARN
    assert gate([Severity.LOW], policy.thresholds("advanced")).verdict is Verdict.WARN


def test_ages_are_said_in_one_unit():
    ages = [timedelta(seconds=50), timedelta(minutes=119), timedelta(hours=47), timedelta(days=8, hours=5)]
    assert [write_age(age) for age in ages] == ["0m", "119m", "47h", "8d"]
