"""SARIF 2.1.0: what the specification says a result means."""

import json

import pytest

from sluice_normaliser.kit import ParseContext, parse_report
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity


def scan(run, **result):
    """Parse a log of one run with one result and return its scan."""
    run = {"tool": {"driver": {"name": "Checker"}}, **run}
    run.setdefault("results", [{"message": {"text": "m"}, "ruleId": "R", **result}])
    body = json.dumps({"version": "2.1.0", "runs": [run]}).encode()
    return parse_report(body, ParseContext(secret_key=b"k")).scans[0]


def observe(run=None, **result):
    (observation,) = scan(run or {}, **result).observations
    return observation


def driver(*rules, name="Checker", **more):
    return {"tool": {"driver": {"name": name, "rules": list(rules)}}, **more}


@pytest.mark.parametrize(
    ("result", "severity"),
    [
        ({"level": "error"}, Severity.HIGH),
        ({"level": "note"}, Severity.LOW),
        ({"level": "none"}, Severity.INFO),
        ({}, Severity.MEDIUM),
        ({"kind": "pass"}, Severity.INFO),
        ({"properties": {"security-severity": "9.1"}}, Severity.CRITICAL),
        ({"properties": {"severity": "LOW", "security-severity": "9.1"}}, Severity.LOW),
    ],
)
def test_severity_comes_from_the_most_telling_source(result, severity):
    assert observe(**result).severity is severity


def test_a_results_level_defaults_to_its_rules_and_an_override_beats_that():
    rule = {"id": "R", "defaultConfiguration": {"level": "error"}}
    assert observe(driver(rule)).scanner_severity == "error"
    override = {"descriptor": {"index": 0}, "configuration": {"level": "note"}}
    invocation = {"executionSuccessful": True, "ruleConfigurationOverrides": [override]}
    assert observe(driver(rule, invocations=[invocation])).scanner_severity == "note"


def test_a_rule_is_found_by_index_even_without_an_id():
    found = observe(
        driver({"id": "A"}, {"id": "B", "shortDescription": {"text": "Title of B"}}), ruleId=None, ruleIndex=1
    )
    assert (found.rule_id, found.title) == ("B", "Title of B")


def test_an_index_that_contradicts_the_id_gives_way():
    rules = ({"id": "A", "shortDescription": {"text": "a"}}, {"id": "B", "shortDescription": {"text": "b"}})
    assert observe(driver(*rules), ruleId="B", ruleIndex=0).title == "b"


def test_a_hierarchical_id_finds_its_rule_and_stays():
    found = observe(driver({"id": "CA1000", "shortDescription": {"text": "t"}}), ruleId="CA1000/2/x")
    assert (found.rule_id, found.title) == ("CA1000/2/x", "t")


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["accepted"], ObservationStatus.SUPPRESSED),
        ([None], ObservationStatus.SUPPRESSED),
        (["underReview"], ObservationStatus.OPEN),
        (["accepted", "rejected"], ObservationStatus.OPEN),
        ([], ObservationStatus.OPEN),
    ],
)
def test_only_what_is_accepted_is_suppressed(states, status):
    given = [{"kind": "external", **({"status": state} if state else {})} for state in states]
    assert observe(suppressions=given).status is status


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a%20b.c", "src/a b.c"),
        ("./src/a.c", "src/a.c"),
        ("file:///build/work/src/a.c", "src/a.c"),
        ("file:///elsewhere/a.c", "/elsewhere/a.c"),
    ],
)
def test_files_are_named_relative_to_their_base(uri, path):
    run = {"originalUriBaseIds": {"ROOT": {"uri": "file:///build/work/"}}}
    found = observe(run, locations=[{"physicalLocation": {"artifactLocation": {"uri": uri}}}])
    assert found.location.path == path


def test_one_observation_a_result_whatever_the_number_of_its_locations():
    places = [{"physicalLocation": {"artifactLocation": {"uri": f"{name}.c"}}} for name in "abc"]
    found = observe(locations=places)
    assert found.location.path == "a.c"
    assert [place.path for place in found.related_locations] == ["b.c", "c.c"]


@pytest.mark.parametrize(
    ("identifier", "category"),
    [
        ("my-analysis/tool/2026-02-01", "my-analysis/tool"),
        ("my-analysis/", "my-analysis"),
        ("just a run", ""),
        ("", ""),
    ],
)
def test_the_last_part_of_the_automation_id_tells_the_run_and_not_the_category(identifier, category):
    assert scan({"automationDetails": {"id": identifier}}).category == category


@pytest.mark.parametrize(
    ("name", "tags", "kind"),
    [
        ("CodeQL", ["security"], Kind.SAST),
        ("CodeQL", ["maintainability"], Kind.QUALITY),
        ("Trivy", ["misconfiguration", "security"], Kind.IAC),
        ("Trivy", ["secret", "security"], Kind.SECRET),
        ("Trivy", ["vulnerability", "security"], Kind.SCA),
        ("Gitleaks", [], Kind.SECRET),
        ("Some Tool", [], Kind.SAST),
    ],
)
def test_the_kind_follows_the_tool_and_its_rules_tags(name, tags, kind):
    assert observe(driver({"id": "R", "properties": {"tags": tags}}, name=name)).kind is kind


@pytest.mark.parametrize(
    ("name", "scanner"),
    [
        ("CodeQL", "codeql"),
        ("Semgrep OSS", "semgrep"),
        ("Grype", "grype"),
        ("dependency-check", "dependency_check"),
        ("defsec", "tfsec"),
    ],
)
def test_a_driver_is_the_scanner_its_own_format_names(name, scanner):
    assert scan(driver(name=name)).scanner == scanner


def test_a_run_that_failed_keeps_what_it_shows():
    found = scan({"invocations": [{"executionSuccessful": False}]})
    assert (found.successful, len(found.observations)) == (False, 1)


def test_a_secret_in_a_snippet_is_not_stored():
    region = {"startLine": 1, "snippet": {"text": "tq8mYxR2vLz0pWc4nJf7sKd1"}}
    places = [{"physicalLocation": {"artifactLocation": {"uri": "a.env"}, "region": region}}]
    found = observe(driver({"id": "R"}, name="Gitleaks"), locations=places)
    assert "tq8mYxR2vLz0" not in found.model_dump_json()
    assert found.secret.digest
