from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.risk_index.risk_strategies import ages, criticalities, exposures, facts

from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.policy import Criticality, Exploit, Exposure, ScorePolicy, Weights
from sluice_risk_index.domain.score import Scorer
from sluice_shared.contracts.finding import Confidence, Severity

SCORER = Scorer(ScorePolicy())
DULL = Facts(severity=Severity.MEDIUM)


def score(
    given_facts=DULL, *, exposure=Exposure.UNKNOWN, criticality=Criticality.UNKNOWN, age=timedelta(0), scorer=SCORER
):
    return scorer.score(scorer.share(given_facts), exposure=exposure, criticality=criticality, age=age)


weights = st.builds(Weights, **dict.fromkeys(Weights.model_fields, st.floats(0, 100, allow_nan=False)))


@given(facts, exposures, criticalities, ages, weights)
def test_a_score_is_bounded_and_its_contributions_add_up_to_it(said, exposure, criticality, age, weight):
    result = score(
        said, exposure=exposure, criticality=criticality, age=age, scorer=Scorer(ScorePolicy(weights=weight))
    )
    total = sum(factor.contribution for factor in result.factors)
    assert 0 <= result.value <= 100
    assert result.value == pytest.approx(min(total, 100), abs=0.006)
    for factor in result.factors:
        assert 0 <= factor.value <= 1
        assert factor.contribution == pytest.approx(factor.value * factor.weight, abs=0.006)
    assert [factor.name for factor in result.factors] == [
        *("severity", "exploit", "epss", "exposure", "criticality", "verified_secret", "confidence", "fix", "age")
    ]


@given(facts, exposures, criticalities, ages, st.data())
def test_a_score_never_falls_when_one_factor_rises(said, exposure, criticality, age, data):
    """Each factor's values from the mildest to the worst, all else equal."""
    ladders = {
        "severity": [replace(said, cvss=(), severity=s) for s in ("info", "low", "medium", "high", "critical")],
        "cvss": [replace(said, cvss=(("cvss_v31", "nvd", value),)) for value in (0.0, 3.9, 4.0, 7.5, 10.0)],
        "exploit": [replace(said, exploit=e) for e in (Exploit.NONE, Exploit.UNKNOWN, Exploit.POC, Exploit.ACTIVE)],
        "epss": [replace(said, epss=e) for e in (None, 0.0, 0.1, 0.97, 1.0)],
        "fix": [replace(said, fix_available=f) for f in (False, True)],
        "secret": [replace(said, verified_secret=v) for v in (False, True)],
        "confidence": [replace(said, confidence=c) for c in (Confidence.LOW, Confidence.MEDIUM, Confidence.CONFIRMED)],
    }
    ladder = data.draw(st.sampled_from(sorted(ladders)))
    if ladder == "severity":
        ladders[ladder] = [replace(f, severity=Severity(f.severity)) for f in ladders[ladder]]
    scores = [score(rung, exposure=exposure, criticality=criticality, age=age).value for rung in ladders[ladder]]
    assert scores == sorted(scores)


@given(facts, ages, ages)
def test_a_score_never_falls_with_age_exposure_or_criticality(said, age, more):
    assert score(said, age=age).value <= score(said, age=age + more).value
    by_exposure = [score(said, exposure=e).value for e in (Exposure.ISOLATED, Exposure.INTERNAL, Exposure.INTERNET)]
    by_criticality = [
        score(said, criticality=c).value for c in (Criticality.LOW, Criticality.HIGH, Criticality.CRITICAL)
    ]
    assert by_exposure == sorted(by_exposure)
    assert by_criticality == sorted(by_criticality)


@pytest.mark.parametrize(
    ("ratings", "believed"),
    [
        ((("cvss_v31", "nvd", 9.8), ("cvss_v4", "vendor", 5.0)), (0.5, "vendor cvss_v4")),
        ((("cvss_v2", "nvd", 10.0), ("cvss_v3", "vendor", 4.0)), (0.4, "vendor cvss_v3")),
        ((("cvss_v31", "vendor", 9.9), ("cvss_v31", "redhat", 6.0), ("cvss_v31", "nvd", 7.0)), (0.7, "nvd cvss_v31")),
        ((("cvss_v31", "x", 3.0), ("cvss_v31", "y", 8.0)), (0.8, "y cvss_v31")),
        ((), (0.5, "severity: medium")),
    ],
)
def test_the_newest_cvss_of_the_most_trusted_source_is_believed(ratings, believed):
    severity = score(replace(DULL, cvss=ratings)).factors[0]
    assert (severity.value, severity.source) == believed


def test_age_grows_in_steps():
    days = [score(age=timedelta(days=d)).factors[-1].value for d in (0, 29, 30, 89, 90, 180, 900)]
    assert days == [0, 0, 1 / 3, 1 / 3, 2 / 3, 1, 1]
