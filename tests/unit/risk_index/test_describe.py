import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_risk_index.domain.describe import describe, query_terms, search_terms
from sluice_risk_index.domain.observed import Observed


def observed(**given):
    return Observed.model_validate({"scanner": "trivy", "kind": "sca", "rule_id": "r", "title": "t", **given})


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (None, None),
        ({"type": "code", "path": "src/a.py", "start_line": 7}, "src/a.py:7"),
        ({"type": "code", "path": "src/a.py"}, "src/a.py"),
        ({"type": "package", "name": "log4j", "namespace": "org.apache", "version": "2.14"}, "org.apache/log4j@2.14"),
        ({"type": "package", "name": "left-pad"}, "left-pad"),
        (
            {"type": "url", "url": "https://x.io/a?b=1", "method": "POST", "parameter": "b"},
            "POST https://x.io/a?b=1 (b)",
        ),
        ({"type": "url", "url": "https://x.io/1", "template": "https://x.io/{id}"}, "GET https://x.io/{id}"),
        ({"type": "host", "host": "db1", "port": 5432}, "db1:5432"),
        ({"type": "resource", "resource": "aws_s3_bucket.logs"}, "aws_s3_bucket.logs"),
    ],
)
def test_where_it_is_in_one_line(location, line):
    assert describe([observed(location=location)]).location == line


def test_the_most_severe_observation_gives_the_title():
    told = describe(
        [observed(title="mild", severity="low"), observed(title="bad", severity="critical", scanner="zap", cwes=[79])]
    )
    assert (told.title, told.scanners, told.cwes) == ("bad", ["trivy", "zap"], [79])


@given(
    st.permutations(
        [observed(title="a", scanner="x"), observed(title="b", scanner="y"), observed(title="c", scanner="z")]
    )
)
def test_a_description_does_not_depend_on_the_order_of_observations(observations):
    assert describe(observations).title == "a"


@given(st.text(max_size=200))
def test_what_a_text_says_can_be_searched_for(text):
    terms = search_terms(text)
    assert len(terms) == len(set(terms)) <= 48
    for word in query_terms(text)[:48]:
        assert any(term.startswith(word) for term in terms) or len(terms) == 48


def test_words_are_found_whole_and_in_parts():
    assert search_terms("Use of log4j-core in a JNDI lookup") == ["log4j-core", "log4j", "core", "jndi", "lookup"]
