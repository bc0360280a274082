import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.risk_index.risk_strategies import facts

from sluice_risk_index.domain.catalogue import Asset
from sluice_risk_index.domain.classify import Classifier
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.policy import ClassRow, Condition, Exploit, Policy, RiskClass
from sluice_shared.contracts.finding import Kind, Severity

SHOP = "repo:github.com/acme/shop"


def classify(said, kind=Kind.SAST, score=0.0, table=None, **asset):
    return Classifier(table or Policy().classes, Asset(key=SHOP, **asset)).classify(said, kind, score)


@pytest.mark.parametrize(
    ("said", "kind", "asset", "expected"),
    [
        (Facts(Severity.LOW, verified_secret=True), Kind.SECRET, {}, "act"),
        (Facts(Severity.HIGH), Kind.MALWARE, {}, "act"),
        (Facts(Severity.HIGH, exploit=Exploit.ACTIVE), Kind.SCA, {}, "act"),
        (Facts(Severity.CRITICAL), Kind.SAST, {"exposure": "internet", "criticality": "high"}, "act"),
        (Facts(Severity.CRITICAL), Kind.SAST, {"exposure": "internal", "criticality": "high"}, "attend"),
        (Facts(Severity.LOW, exploit=Exploit.ACTIVE), Kind.SCA, {}, "attend"),
        (Facts(Severity.HIGH), Kind.SAST, {"exposure": "internet"}, "attend"),
        (Facts(Severity.HIGH), Kind.SECRET, {}, "attend"),
        (Facts(Severity.MEDIUM, epss=0.9), Kind.SCA, {}, "attend"),
        (Facts(Severity.HIGH), Kind.SAST, {}, "track_star"),
        (Facts(Severity.UNKNOWN), Kind.SAST, {}, "track_star"),
        (Facts(Severity.MEDIUM), Kind.SAST, {"exposure": "internet"}, "track"),
    ],
)
def test_the_built_in_table(said, kind, asset, expected):
    classified = classify(said, kind, **asset)
    assert classified.risk_class == expected
    assert classified.reason.startswith("row ")


@given(facts, st.sampled_from(Kind), st.permutations([RiskClass.ACT, RiskClass.ATTEND, RiskClass.TRACK]))
def test_the_first_row_that_matches_decides(said, kind, classes):
    table = [ClassRow(risk_class=c, because=str(c)) for c in classes]
    assert classify(said, kind, table=table).risk_class is classes[0]
    impossible = ClassRow(risk_class=RiskClass.TRACK_STAR, when=Condition(severity=frozenset()), because="never")
    assert classify(said, kind, table=[impossible, *table]).risk_class is classes[0]


def test_every_condition_of_a_row_must_hold():
    row = ClassRow(
        risk_class=RiskClass.ACT,
        when=Condition(tag=frozenset({"pci"}), environment=frozenset({"production"}), min_score=50, fix_available=True),
        because="all of it",
    )
    whole = {"tags": ("pci",), "environment": "production"}
    said = Facts(Severity.LOW, fix_available=True)
    assert classify(said, score=50, table=[row], **whole).risk_class == "act"
    for broken in (
        classify(said, score=49.9, table=[row], **whole),
        classify(Facts(Severity.LOW), score=50, table=[row], **whole),
        classify(said, score=50, table=[row], tags=("web",), environment="production"),
        classify(said, score=50, table=[row], tags=("pci",)),
    ):
        assert broken.risk_class == "track"
        assert broken.reason == "no row of the decision table matches"
