import pytest
from hypothesis import given
from tests.unit.risk_index.risk_strategies import facts

from sluice_risk_index.domain.facts import Facts, gather_facts
from sluice_risk_index.domain.observed import Observed
from sluice_risk_index.domain.policy import Exploit
from sluice_shared.contracts.finding import Confidence, Severity

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def observed(**given):
    return Observed.model_validate({"scanner": "trivy", "kind": "sca", "rule_id": "r", "title": "t", **given})


def rating(**given):
    return {"source": "nvd", "method": "cvss_v31", **given}


def gather(*observations):
    return gather_facts(Severity.HIGH, list(observations))


@given(facts)
def test_facts_survive_being_stored(said):
    assert Facts.from_json(said.to_json(), said.severity) == said


@pytest.mark.parametrize(
    ("given_rating", "expected"),
    [
        (rating(score=7.5), (("cvss_v31", "nvd", 7.5),)),
        (rating(score=7.5, vector=V31), (("cvss_v31", "nvd", 7.5),)),
        (rating(vector=V31), (("cvss_v31", "nvd", 9.8),)),
        (rating(method="cvss_v2", vector="AV:N/AC:L/Au:N/C:P/I:P/A:P"), (("cvss_v2", "nvd", 7.5),)),
        (
            rating(method="cvss_v4", vector="CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
            (("cvss_v4", "nvd", 9.3),),
        ),
        (rating(vector="CVSS:3.1/AV:N"), ()),
        (rating(vector="nonsense"), ()),
        (rating(score=11.0), ()),
        (rating(method="other", score=5.0), ()),
    ],
)
def test_cvss_comes_from_the_score_else_from_the_vector(given_rating, expected):
    assert gather(observed(ratings=[given_rating])).cvss == expected


def test_of_two_ratings_by_one_source_the_worse_counts():
    assert gather(observed(ratings=[rating(score=3.0), rating(score=8.0)])).cvss == (("cvss_v31", "nvd", 8.0),)


def test_the_highest_epss_counts_and_nonsense_does_not():
    ratings = [{"source": "first", "method": "epss", "score": s} for s in (0.2, 0.7, 70.0)]
    said = gather(observed(ratings=ratings))
    assert (said.epss, said.epss_source) == (0.7, "first")


@pytest.mark.parametrize(
    ("given_fields", "expected"),
    [
        ({}, Exploit.UNKNOWN),
        ({"exploit_maturity": "Proof of Concept"}, Exploit.POC),
        ({"exploit_maturity": "proof-of-concept"}, Exploit.POC),
        ({"exploit_maturity": "Mature"}, Exploit.ACTIVE),
        ({"exploit_maturity": "no known exploit"}, Exploit.NONE),
        ({"exploit_maturity": "who knows"}, Exploit.UNKNOWN),
        ({"tags": ["web", "KEV"]}, Exploit.ACTIVE),
        ({"ratings": [{"source": "cisa-kev"}]}, Exploit.ACTIVE),
        ({"ratings": [rating(vector=f"{V31}/E:P")]}, Exploit.POC),
        ({"ratings": [rating(vector=f"{V31}/E:U")]}, Exploit.NONE),
        ({"ratings": [rating(method="ssvc", vector="SSVCv2/E:A/A:Y")]}, Exploit.ACTIVE),
        ({"exploit_maturity": "unproven", "tags": ["kev"]}, Exploit.ACTIVE),
    ],
)
def test_exploitation_is_read_from_whatever_says_it(given_fields, expected):
    assert gather(observed(**given_fields)).exploit is expected


def test_where_scanners_disagree_the_worst_counts():
    said = gather(
        observed(exploit_maturity="poc", confidence="low"),
        observed(exploit_maturity="none", confidence="high", fix={"available": True}),
        observed(secret={"verified": True}),
    )
    assert said.exploit is Exploit.POC
    assert said.confidence is Confidence.HIGH
    assert said.fix_available
    assert said.verified_secret


@pytest.mark.parametrize(
    ("given_fields", "available"),
    [
        ({}, False),
        ({"fix": {"available": False}}, False),
        ({"fix": {"recommendation": "be careful"}}, False),
        ({"fix": {"fixed_versions": ["2.0"]}}, True),
        ({"location": {"type": "package", "name": "x", "fixed_versions": ["2.0"]}}, True),
    ],
)
def test_a_fix_is_available_when_somebody_names_one(given_fields, available):
    assert gather(observed(**given_fields)).fix_available is available
