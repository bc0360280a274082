"""CVSS: the version from the vector, and the score it comes to."""

import pytest

from sluice_normaliser.kit.cvss import epss, rating, read_vector
from sluice_shared.contracts.finding import RatingMethod

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.mark.parametrize(
    ("vector", "method", "score"),
    [
        (V31, RatingMethod.CVSS_V31, 9.8),
        (V31.replace("3.1", "3.0"), RatingMethod.CVSS_V3, 9.8),
        (V31.removeprefix("CVSS:3.1/"), RatingMethod.CVSS_V31, 9.8),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", RatingMethod.CVSS_V2, 7.5),
        ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", RatingMethod.CVSS_V2, 7.5),
        ("CVSS2#AV:N/AC:L/Au:N/C:P/I:P/A:P", RatingMethod.CVSS_V2, 7.5),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", RatingMethod.CVSS_V4, 6.3),
    ],
)
def test_a_vector_tells_its_version_and_its_score(vector, method, score):
    read = read_vector(vector)
    assert (read.method, read.score) == (method, score)


@pytest.mark.parametrize("words", ["", "high", "CVSS:3.1/", "9.8", "AV:N"])
def test_what_is_no_vector_is_none(words):
    assert read_vector(words) is None


def test_a_vector_that_is_not_valid_keeps_the_score_given():
    found = rating("nvd", vector="CVSS:3.1/AV:N/AC:L/PR:Q", score="7.1")
    assert (found.method, found.score) == (RatingMethod.CVSS_V31, 7.1)


def test_a_score_that_cannot_be_gives_way_to_the_vectors():
    assert rating("nvd", vector=V31, score=98).score == 9.8
    assert rating("nvd", vector=V31, score=8.8).score == 8.8
    assert rating("nvd", vector=V31).score == 9.8


def test_without_anything_to_rate_with_there_is_no_rating():
    assert rating("nvd", vector="", score=None) is None


def test_epss_has_probability_and_percentile():
    found = epss("0.94", 0.999, "2026-02-02")
    assert (found.method, found.score, found.percentile, found.as_of) == ("epss", 0.94, 0.999, "2026-02-02")
