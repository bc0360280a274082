"""EPSS and KEV are taken whole or not at all."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.risk_index.risk_strategies import facts

from sluice_risk_index.domain.feeds import Edition, RefusedFeedError, check_progress, parse_epss, parse_kev, unpack
from sluice_risk_index.domain.intelligence import CveIntelligence, Intelligence
from sluice_risk_index.domain.policy import Exploit

FEEDS = Path(__file__).parent / "feeds"
EPSS = (FEEDS / "epss.csv").read_text()
KEV = json.loads((FEEDS / "kev.json").read_text())
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_official_forms_are_read():
    epss = parse_epss(EPSS.encode())
    assert epss.edition == Edition("v2025.03.14", datetime(2026, 11, 20, 12, 55, tzinfo=UTC))
    assert epss.scores["CVE-2021-44228"] == (0.94358, 0.99958)
    kev = parse_kev(json.dumps(KEV).encode())
    assert (kev.edition.version, len(kev.entries)) == ("2026.11.20", 3)
    assert kev.entries["CVE-2021-44228"].ransomware
    assert not kev.entries["CVE-2014-0160"].ransomware


def test_gzip_is_unpacked_up_to_the_limit():
    assert unpack(gzip.compress(EPSS.encode()), 10_000) == EPSS.encode()
    bomb = gzip.compress(b"0" * 1_000_000)
    for body, reason in ((bomb, "too_large"), (bomb[:-9], "truncated"), (b"\x1f\x8bnone", "malformed")):
        with pytest.raises(RefusedFeedError) as refused:
            unpack(body, 999_999 if reason == "too_large" else 2_000_000)
        assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (EPSS[: EPSS.index("CVE-2014")], "empty"),
        (EPSS[:-4], "truncated"),
        (EPSS + "CVE-2024-1\n", "truncated"),
        (EPSS.split("\n", 1)[1], "malformed"),
        (EPSS.replace("cve,epss,percentile", "cve,epss"), "malformed"),
        (EPSS.replace("0.94358", "1.2"), "impossible"),
        (EPSS.replace("0.94358", "nan"), "impossible"),
        (EPSS.replace("0.94358", "high"), "malformed"),
        (EPSS.replace("CVE-2014-0160", "CVE-2021-44228"), "impossible"),
        (EPSS.replace("CVE-2014-0160", "Heartbleed"), "impossible"),
        (EPSS.replace("2026-11-20T12:55:00Z", "yesterday"), "malformed"),
        ("<html>sorry</html>\n", "malformed"),
    ],
)
def test_a_bad_epss_is_refused_whole(text, reason):
    with pytest.raises(RefusedFeedError) as refused:
        parse_epss(text.encode())
    assert refused.value.reason == reason


def kev(**change):
    entry = {**KEV["vulnerabilities"][0], **change}
    return json.dumps({**KEV, "vulnerabilities": [entry, *KEV["vulnerabilities"][1:]]})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (json.dumps(KEV)[:-40], "truncated"),
        (json.dumps({**KEV, "count": 4}), "truncated"),
        (json.dumps({**KEV, "vulnerabilities": [], "count": 0}), "empty"),
        (json.dumps({"vulnerabilities": []}), "malformed"),
        (kev(dateAdded="2027-01-01", dueDate="2027-01-20"), "impossible"),
        (kev(dueDate="2021-12-01"), "impossible"),
        (kev(cveID="CVE-2014-0160"), "impossible"),
        (kev(dateAdded="soon"), "malformed"),
    ],
)
def test_a_bad_kev_is_refused_whole(text, reason):
    with pytest.raises(RefusedFeedError) as refused:
        parse_kev(text.encode())
    assert refused.value.reason == reason


def test_an_edition_never_goes_backwards():
    known = Edition("v1", NOW - timedelta(days=1))
    assert check_progress(known, 100, None, 0, NOW)
    assert not check_progress(known, 100, known, 100, NOW)
    assert check_progress(Edition("v1", NOW), 80, known, 100, NOW)
    for edition, entries, reason in (
        (Edition("v1", NOW - timedelta(days=2)), 100, "older"),
        (Edition("v1", NOW), 79, "truncated"),
        (Edition("v1", NOW + timedelta(days=1)), 100, "impossible"),
    ):
        with pytest.raises(RefusedFeedError) as refused:
            check_progress(edition, entries, known, 100, NOW)
        assert refused.value.reason == reason


@given(facts, st.floats(0, 1), st.floats(0, 1))
def test_kev_only_makes_it_worse_and_of_several_cves_the_worst_counts(said, one, other):
    edition = Edition("v1", NOW)
    cves = {
        "CVE-2024-1": CveIntelligence(epss=one, percentile=0.5),
        "CVE-2024-2": CveIntelligence(epss=other, percentile=0.5, kev_added=NOW.date(), kev_due=NOW.date()),
    }
    known = Intelligence(cves, edition, edition)
    informed = known.inform(said, ["CVE-2024-1", "CVE-2024-2", "CWE-79"])
    assert informed.epss == max(one, other)
    assert informed.exploit is Exploit.ACTIVE
    assert "v1" in informed.epss_source
    assert "v1" in informed.exploit_source
    assert known.inform(said, ["CWE-79", "CVE-2024-3"]) == said
