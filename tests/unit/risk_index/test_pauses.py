"""Laws of decisions and clocks: a pause takes no time away and gives none."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sluice_risk_index.domain.absorb import absorb, read, reassess
from sluice_risk_index.domain.assess import Rules
from sluice_risk_index.domain.catalogue import Catalogue
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.observed import ObservedFinding
from sluice_risk_index.domain.policy import PausePolicy, Policy, SlaPolicy
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import EXCUSED, Decision, Ruling
from sluice_shared.contracts.finding import Severity

T0 = datetime(2026, 3, 1, tzinfo=UTC)
SHOP = "repo:github.com/acme/shop"
RULES = InForce(Rules(Policy(), Catalogue(), "v"), "http://localhost")
DECISIONS = st.sampled_from([decision for decision in Decision if decision is not Decision.EXCEPTED])
COURSES = st.lists(st.tuples(DECISIONS, st.timedeltas(timedelta(minutes=1), timedelta(days=3))), max_size=8)


def opened():
    observation = {"scanner": "trivy", "kind": "sca", "rule_id": "x", "title": "x", "severity": "critical"}
    state = ObservedFinding(
        finding_id=UUID(int=1), version=1, change="opened", status="open", severity=Severity.CRITICAL,
        first_seen_at=T0, opened_at=T0, observations=[observation],
    )  # fmt: skip
    return absorb(read(state), None, UUID(int=2), RULES.assessor(SHOP), T0)


@given(COURSES)
def test_the_deadline_moves_by_exactly_the_time_for_which_it_was_excused(course):
    finding, now, excused = opened(), T0, timedelta(0)
    allowed = finding.due_at - T0
    for decision, lasted in course:
        finding = reassess(finding, RULES.assessor(SHOP), now, ruling=Ruling(decision, "why"))
        assert (finding.sla_state is SlaState.PAUSED) == (decision in EXCUSED) == (finding.paused_at is not None)
        assert finding.sla_state is not SlaState.PAUSED or finding.next_timer_at is None
        now += lasted
        excused += lasted if decision in EXCUSED else timedelta(0)
    finding = reassess(finding, RULES.assessor(SHOP), now, ruling=Ruling(Decision.OPEN, "why"))
    assert finding.due_at == T0 + allowed + excused
    assert (finding.paused_for, finding.paused_at) == (excused, None)


@given(COURSES)
def test_deciding_the_same_again_and_looking_again_change_nothing(course):
    finding, now = opened(), T0
    for decision, lasted in course:
        ruling = Ruling(decision, "why")
        finding = reassess(finding, RULES.assessor(SHOP), now, ruling=ruling)
        assert reassess(finding, RULES.assessor(SHOP), now, ruling=ruling) is finding
        assert reassess(finding, RULES.assessor(SHOP), now) is finding
        now += lasted


def judged(policy, now, before=None, *, fix=(), reopen_count=0, version=1):
    location = {"type": "package", "purl": "pkg:npm/left-pad@1.0.0", "name": "left-pad", "fixed_versions": list(fix)}
    observation = {
        "scanner": "trivy", "kind": "sca", "rule_id": "x", "title": "x", "severity": "critical", "location": location,
    }  # fmt: skip
    state = ObservedFinding(
        finding_id=UUID(int=1), version=version, change="opened", status="open", severity=Severity.CRITICAL,
        first_seen_at=T0, opened_at=T0, observations=[observation], reopen_count=reopen_count,
    )  # fmt: skip
    rules = InForce(Rules(policy, Catalogue(), "v"), "http://localhost")
    return absorb(read(state), before, UUID(int=2), rules.assessor(SHOP), now), rules


def test_the_clock_waits_for_the_vendor_where_the_policy_allows_until_a_fix_is_known():
    policy = Policy(sla=SlaPolicy(pause=PausePolicy(no_fix={"attend"})))
    waiting, rules = judged(policy, T0)
    assert (waiting.sla_state, waiting.paused_at, waiting.decision) == (SlaState.PAUSED, T0, Decision.OPEN)
    later = T0 + timedelta(days=9)
    assert reassess(waiting, rules.assessor(SHOP), later) is waiting
    fixable, _ = judged(policy, later, waiting, fix=["1.0.1"], version=2)
    assert fixable.sla_state is SlaState.OK
    assert fixable.due_at == waiting.due_at + timedelta(days=9)
    # A policy that does not let it wait leaves it the time for which it has waited.
    strict = InForce(Rules(Policy(), Catalogue(), "w"), "http://localhost")
    assert reassess(waiting, strict.assessor(SHOP), later).due_at == fixable.due_at


def test_by_default_nothing_waits_for_a_vendor():
    assert judged(Policy(), T0)[0].sla_state is SlaState.OK


def test_a_mitigated_finding_runs_on_where_the_policy_says_so():
    policy = Policy(sla=SlaPolicy(pause=PausePolicy(mitigated=False)))
    finding, rules = judged(policy, T0)
    mitigated = reassess(finding, rules.assessor(SHOP), T0, ruling=Ruling(Decision.MITIGATED, "a rule of the proxy"))
    assert (mitigated.decision, mitigated.sla_state) == (Decision.MITIGATED, SlaState.OK)
    assert (mitigated.due_at, mitigated.paused_at) == (finding.due_at, None)
    accepted = reassess(finding, rules.assessor(SHOP), T0, ruling=Ruling(Decision.ACCEPTED, "we live with it"))
    assert accepted.sla_state is SlaState.PAUSED
