"""Identifiers: found in texts, lists, tags and URLs, in the one form each scheme gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_normaliser.kit.identifiers import cwes, find, identifiers, is_vulnerability


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cve-2021-44228", [("cve", "CVE-2021-44228")]),
        ("CVE_2021_44228", [("cve", "CVE-2021-44228")]),
        ("https://nvd.nist.gov/vuln/detail/CVE-2021-44228", [("cve", "CVE-2021-44228")]),
        ("CVE-2008-0732-geronimo-jms", [("cve", "CVE-2008-0732")]),
        ("ghsa-JFH8-C2JP-5V3Q", [("ghsa", "GHSA-jfh8-c2jp-5v3q")]),
        ("external/cwe/cwe-079", [("cwe", "CWE-79")]),
        ("CWE-79: Cross-site Scripting", [("cwe", "CWE-79")]),
        ("RHSA-2021:5129", [("rhsa", "RHSA-2021:5129")]),
        ("USN-5192-1 and DSA-5020-1", [("usn", "USN-5192-1"), ("dsa", "DSA-5020-1")]),
        ("RUSTSEC-2021-0079", [("rustsec", "RUSTSEC-2021-0079")]),
        ("PYSEC-2021-98", [("pysec", "PYSEC-2021-98")]),
        ("GO-2022-0969", [("go", "GO-2022-0969")]),
        ("SNYK-JS-LODASH-567746", [("snyk", "SNYK-JS-LODASH-567746")]),
        ("npm:lodash:20180130", [("snyk", "npm:lodash:20180130")]),
        ("A03:2021 - Injection", [("owasp", "A03:2021")]),
        ("OWASP-A1:2017", [("owasp", "A01:2017")]),
        ("CAPEC-63", [("capec", "CAPEC-63")]),
        ("openSUSE-SU-2022:0283-1", [("suse", "OPENSUSE-SU-2022:0283-1")]),
        ("ALAS2-2021-1731", [("alas", "ALAS2-2021-1731")]),
        ("CVE-2021-1, CWE-0, GHSA-x", []),
        ("plain words", []),
    ],
)
def test_schemes_are_recognised_and_spelled_canonically(words, expected):
    assert list(find(words)) == expected


def test_what_has_no_scheme_is_kept_only_when_asked():
    assert identifiers("ACME-1") == []
    assert [(each.type, each.value) for each in identifiers(["ACME-1"], otherwise="vendor")] == [("vendor", "ACME-1")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (79, [79]),
        ("79", [79]),
        ("CWE-079", [79]),
        (["CWE-79", "cwe-89", 79], [79, 89]),
        ("79,89", [79, 89]),
        ("327: Use of a Broken Algorithm", [327]),
        ("https://cwe.mitre.org/data/definitions/22.html", [22]),
        ("NVD-CWE-noinfo", []),
        ("0", []),
        (None, []),
        ("CWE-79|CWE-80", [79, 80]),
    ],
)
def test_cwes_are_read_in_every_form(values, expected):
    assert cwes(values) == expected


@given(st.integers(1999, 2100), st.integers(0, 10**9))
def test_a_cve_is_found_wherever_it_stands(year, number):
    name = f"CVE-{year}-{number:04d}"
    assert find(f"see ({name.lower()}).") == (("cve", name),)


def test_weaknesses_are_no_vulnerabilities():
    assert is_vulnerability("cve")
    assert not is_vulnerability("cwe")
