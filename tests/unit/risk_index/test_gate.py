from hypothesis import given
from hypothesis import strategies as st

from sluice_risk_index.domain.gate import Verdict, judge
from sluice_risk_index.domain.policy import GatePolicy, Thresholds
from sluice_shared.contracts.finding import Severity

severities = st.lists(st.sampled_from(Severity), max_size=8)
thresholds = st.builds(
    Thresholds, fail=st.frozensets(st.sampled_from(Severity)), warn=st.frozensets(st.sampled_from(Severity))
)
ORDER = [Verdict.PASS, Verdict.WARN, Verdict.FAIL]


def gate(found, limits, **given):
    asked = {"ref": "feature", "base": "main", "tier": "standard", "ref_scanned": True, "base_scanned": True, **given}
    return judge(found, limits, **asked)


@given(severities, st.sampled_from(Severity), thresholds)
def test_one_more_finding_never_makes_a_verdict_better(found, more, limits):
    before, after = gate(found, limits).verdict, gate([*found, more], limits).verdict
    assert ORDER.index(before) <= ORDER.index(after)


@given(severities, thresholds)
def test_a_ref_without_a_scan_never_passes(found, limits):
    answer = gate(found, limits, ref_scanned=False)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.reasons


@given(severities, thresholds)
def test_every_answer_has_its_reasons_and_counts_everything(found, limits):
    answer = gate(found, limits)
    assert answer.reasons
    assert sum(answer.counts.values()) == len(found)


def test_tiers_have_their_own_thresholds():
    policy = GatePolicy()
    assert gate([Severity.HIGH], policy.thresholds("standard")).verdict is Verdict.FAIL
    assert gate([Severity.HIGH], policy.thresholds("onboarding")).verdict is Verdict.WARN
    assert gate([Severity.LOW], policy.thresholds("advanced")).verdict is Verdict.WARN
