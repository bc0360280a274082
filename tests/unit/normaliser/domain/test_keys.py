import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_normaliser.domain.algorithms import Algorithm
from sluice_normaliser.domain.keys import digest, identify, normal_text, package_subject, vulnerability_names
from sluice_shared.contracts.finding import CodeLocation, Identifier, Kind, Observation, PackageLocation, SecretDetail


def sast(line=10, *, rule="sqli", path="app/db.py", snippet="cursor.execute(q)", message="SQL injection", **extra):
    return Observation(
        scanner=extra.pop("scanner", "semgrep"),
        kind=Kind.SAST,
        rule_id=rule,
        title=message,
        location=CodeLocation(path=path, start_line=line, snippet=snippet, symbol=extra.pop("symbol", None)),
        **extra,
    )


def keys_of(*observations):
    return [dict(identity.keys) for identity in identify(observations)]


def test_a_shifted_line_keeps_every_key_but_the_exact_one():
    before, after = identify([sast(10)])[0], identify([sast(17)])[0]
    assert before.keys == after.keys
    assert before.exact != after.exact


def test_white_space_in_a_snippet_does_not_matter():
    assert (
        keys_of(sast(snippet="a  =  b\n"))[0][Algorithm.SNIPPET_1]
        == keys_of(sast(snippet=" a = b"))[0][Algorithm.SNIPPET_1]
    )


def test_repeats_in_one_file_share_their_keys_but_the_exact_one():
    first, second = identify([sast(10), sast(50)])
    assert first.keys == second.keys
    assert first.exact != second.exact


@given(st.integers())
def test_keys_do_not_depend_on_the_order_of_the_report(seed):
    observations = [sast(line) for line in (5, 9, 9, 40)] + [sast(3, snippet="x"), sast(3, path="b.py")]
    shuffled = list(observations)
    random.Random(seed).shuffle(shuffled)
    plain = {id(o): i for o, i in zip(observations, identify(observations), strict=True)}
    assert all(plain[id(o)] == i for o, i in zip(shuffled, identify(shuffled), strict=True))


def test_a_constant_fingerprint_identifies_nothing():
    semgrep = [sast(line, path=f"{line}.py", fingerprints={"match": "0123456789abcdef"}) for line in (1, 2)]
    assert all(Algorithm.VENDOR_1 not in keys for keys in keys_of(*semgrep))


def test_a_sentinel_fingerprint_or_snippet_identifies_nothing():
    keys = keys_of(sast(snippet="requires login", fingerprints={"match": "requires login"}))[0]
    assert Algorithm.VENDOR_1 not in keys
    assert Algorithm.SNIPPET_1 not in keys
    assert Algorithm.MESSAGE_1 in keys


def test_a_fingerprint_of_its_own_is_the_strongest_key():
    identity = identify([sast(fingerprints={"match": "0123456789abcdef"})])[0]
    assert identity.keys[0][0] == Algorithm.VENDOR_1


def test_an_id_that_is_drawn_anew_for_each_report_identifies_nothing():
    drawn, made = "5ec00bbc-2e53-44cb-83e9-3d35365277e3", "5ec00bbc-2e53-54cb-83e9-3d35365277e3"
    assert Algorithm.VENDOR_1 not in keys_of(sast(fingerprints={"gitlab_id": drawn}))[0]
    assert Algorithm.VENDOR_1 in keys_of(sast(fingerprints={"gitlab_id": made}))[0]
    assert Algorithm.VENDOR_1 in keys_of(sast(fingerprints={"wiz": drawn}))[0]


def sca(scanner, rule, *identifiers, purl="pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0"):
    return Observation(
        scanner=scanner,
        kind=Kind.SCA,
        rule_id=rule,
        title=rule,
        identifiers=[Identifier(type=value[:4].strip("-").lower(), value=value) for value in identifiers],
        location=PackageLocation(name="log4j-core", purl=purl),
    )


def shared_vulnerabilities(observation):
    return {key for number, key in identify([observation])[0].keys if number == Algorithm.SHARED_VULNERABILITY_1}


def test_two_scanners_meet_in_the_same_vulnerability_of_the_same_package():
    trivy = sca("trivy", "CVE-2021-44228", "CVE-2021-44228")
    grype = sca("grype", "GHSA-jfh8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228")
    osv = sca("osv", "GHSA-jfh8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q")
    assert shared_vulnerabilities(trivy) & shared_vulnerabilities(grype)
    assert shared_vulnerabilities(grype) & shared_vulnerabilities(osv)
    assert not shared_vulnerabilities(trivy) & shared_vulnerabilities(osv)


def test_scanners_do_not_meet_in_another_package():
    one = sca("trivy", "CVE-2021-44228", "CVE-2021-44228")
    other = sca("grype", "CVE-2021-44228", "CVE-2021-44228", purl="pkg:maven/org.apache.logging.log4j/log4j-api@2.14.0")
    assert not shared_vulnerabilities(one) & shared_vulnerabilities(other)


def test_an_advisory_over_many_vulnerabilities_is_none_of_them():
    assert vulnerability_names(sca("x", "RHSA-2021:1", "CVE-2021-1111", "CVE-2021-2222")) == ["RHSA-2021:1"]


def test_an_upgraded_package_keeps_its_key():
    def subject(version):
        return package_subject(PackageLocation(name="left-pad", purl=f"pkg:npm/%40acme/left-pad@{version}?arch=x"))

    assert subject("1.0.0") == subject("2.0.0") == "pkg:npm/%40acme/left-pad"


@pytest.mark.parametrize("told", [True, False])
def test_an_upgraded_package_is_in_the_same_place(told):
    def installed(version):
        location = PackageLocation(
            name="idna", version=version if told else None, path=f"lib/idna-{version}.dist-info/METADATA"
        )
        return Observation(scanner="trivy", kind=Kind.LICENCE, rule_id="BSD", title="BSD", location=location)

    assert keys_of(installed("2.10"))[0] == keys_of(installed("3.10"))[0]


def test_a_scope_in_a_purl_is_no_version():
    assert package_subject(PackageLocation(name="x", purl="pkg:npm/@acme/left-pad")) == "pkg:npm/@acme/left-pad"


def test_a_secret_is_known_by_its_digest_and_not_by_its_snippet():
    def leak(snippet):
        return sast(snippet=snippet, secret=SecretDetail(digest="ab" * 32))

    one, two = keys_of(leak("key = '***'"))[0], keys_of(leak("token: ***"))[0]
    assert one == two
    assert Algorithm.SNIPPET_1 not in one


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_tuples_never_share_a_digest(left, right):
    assert (digest("x/1", tuple(left)) == digest("x/1", tuple(right))) == (left == right)


def test_the_same_tuple_under_another_algorithm_is_another_key():
    assert digest("snippet/1", ("a",)) != digest("message/1", ("a",))


def test_a_sentinel_is_nothing_said():
    assert normal_text(" Requires  Login ") == ""
