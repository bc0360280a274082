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
from sluice_risk_index.domain.policy import Policy
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
