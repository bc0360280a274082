"""What holds over everything that is decided about a finding."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.risk_index.risk_strategies import facts

from sluice_risk_index.domain.assess import Assessor, Course, Rules
from sluice_risk_index.domain.catalogue import Asset, Catalogue, Team
from sluice_risk_index.domain.history import HistoryEvent, lifecycle
from sluice_risk_index.domain.observed import ObservedFinding
from sluice_risk_index.domain.ownership import Place
from sluice_risk_index.domain.policy import Policy, RiskClass
from sluice_risk_index.domain.risk import risk_index
from sluice_risk_index.domain.score import Scorer, age_of
from sluice_risk_index.domain.sla import Schedule
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind

T0 = datetime(2026, 3, 1, tzinfo=UTC)
SHOP = "repo:github.com/acme/shop"


def assessor(asset=None, teams=(), policy=None):
    rules = Rules(policy or Policy(), Catalogue(teams), "v")
    return Assessor(rules, asset or Asset(key=SHOP), Scorer(rules.policy.score), Schedule(rules.policy.sla))


def course(**given):
    values = {"status": FindingStatus.OPEN, "first_seen_at": T0, "opened_at": T0, "resolved_at": None}
    return Course(**{**values, **given})


def decide(by, said, kind, when, now, *, silent=False):
    """All that is decided: score and class, owner and tier, deadline, and how it stands to that."""
    rated, owned = by.rate(said, kind, age_of(when.first_seen_at, now)), by.own(Place(kind))
    risk_class, team = rated.classified.risk_class, owned.owner.team
    return rated, owned, *by.time(risk_class, owned.tier, kind, team, when, now, silent=silent)


@given(facts, st.sampled_from(Kind), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_assessing_again_without_a_change_changes_nothing(said, kind, later):
    judge, now = assessor(), T0 + later
    first = decide(judge, said, kind, course(), now)
    again = course(previous=first[2], reached=first[3].reached)
    assert decide(judge, said, kind, again, now) == first


@given(facts, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_rules_put_into_the_past_in_silence_is_never_due(said, later):
    now = T0 + later
    *_, progress = decide(assessor(), said, Kind.SCA, course(), now, silent=True)
    assert progress.next_at is None or progress.next_at > now


def test_a_tier_is_the_assets_own_else_its_teams_else_the_default():
    team = Team(name="a", tier="advanced")
    cases = {
        "onboarding": Asset(key=SHOP, owner="a", tier="onboarding"),
        "advanced": Asset(key=SHOP, owner="a"),
        "standard": Asset(key=SHOP),
    }
    for tier, asset in cases.items():
        assert assessor(asset, [team]).own(Place(Kind.SCA)).tier == tier


@given(
    st.dictionaries(st.sampled_from(RiskClass), st.floats(0, 1e6)),
    st.dictionaries(st.sampled_from(RiskClass), st.floats(0, 1e6)),
)
def test_the_index_of_a_whole_is_the_sum_of_its_parts(one, other):
    weights = Policy().index.weights
    whole = {c: one.get(c, 0) + other.get(c, 0) for c in RiskClass}
    assert abs(risk_index(whole, weights) - risk_index(one, weights) - risk_index(other, weights)) <= 0.02


def test_a_state_tells_of_its_openings_and_endings_by_itself():
    state = ObservedFinding(
        finding_id=uuid4(), version=4, change="resolved", status="resolved", severity="high", reopen_count=1,
        first_seen_at=T0, opened_at=T0 + timedelta(days=2), resolved_at=T0 + timedelta(days=3),
    )  # fmt: skip
    assert [(entry.event, entry.at) for entry in lifecycle(state)] == [
        (HistoryEvent.REOPENED, state.opened_at),
        (HistoryEvent.RESOLVED, state.resolved_at),
    ]
