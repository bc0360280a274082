"""Bodies that say too little to be recognised, or are of a product's other tools: read when the scanner is named."""

import json

import pytest

from sluice_normaliser import golden
from sluice_normaliser.kit import ParseContext, ReportError, detect, parse_report
from sluice_shared.contracts.finding import Severity

_JUNIT = b"""<?xml version="1.0"?>
<testsuites>
  <testsuite name="XSS" tests="3" failures="2">
    <testcase name="Cross-site scripting (1)" classname="xss">
      <failure type="high" message="Found XSS in parameter q for URL https://shop.acme.example/find"/>
    </testcase>
    <testcase name="No cross-site scripting"/>
    <testcase name="Fuzzer"><failure type="error" message="The fuzzer did not end"/></testcase>
  </testsuite>
</testsuites>
"""


def parse(scanner, document):
    return parse_report(json.dumps(document).encode(), ParseContext(secret_key=b"k", scanner=scanner))


@pytest.mark.parametrize(
    ("scanner", "document"),
    [
        ("semgrep", {"results": [], "errors": []}),
        ("gitlab_dep_scan", {"version": "2.1", "vulnerabilities": [], "remediations": [], "dependency_files": []}),
        ("gitlab_container_scan", {"version": "14.0.0", "vulnerabilities": []}),
        ("awssecurityhub", {"findings": []}),
        ("awssecurityhub", {"Findings": []}),
    ],
)
def test_a_clean_report_that_could_be_of_several_tools(scanner, document):
    (scan,) = parse(scanner, document).scans
    assert scan.successful
    assert scan.observations == []
    with pytest.raises(ReportError, match="name the scanner"):
        parse(None, document)


def test_findings_of_security_hub_without_their_envelope():
    finding = {"AwsAccountId": "123456789012", "ProductArn": "arn", "GeneratorId": "g", "Resources": []}
    assert [o.rule_id for o in parse("awssecurityhub", [finding]).observations] == ["g"]
    assert parse(None, [finding]).scanner == "asff"


def test_sarif_of_another_product_of_snyk():
    run = {"tool": {"driver": {"name": "SnykCode"}}, "results": [{"ruleId": "python/Sqli", "message": {"text": "m"}}]}
    log = {"version": "2.1.0", "runs": [run]}
    report = parse("snyk", log)
    assert [o.scanner for o in report.observations] == ["snyk_code"]
    assert parse(None, log).scanner == "snyk_code"


def test_a_named_scanner_does_not_take_another_kind_of_gitlab_report():
    finding = {"category": "secret_detection", "identifiers": [], "location": {"file": "a", "start_line": 1}}
    with pytest.raises(ReportError, match="looks like gitlab_secret_detection_report"):
        parse("gitlab_sast", {"version": "14.0.0", "vulnerabilities": [finding]})


def test_one_project_that_snyk_could_test_among_many_that_it_could_not():
    failed = {"ok": False, "error": "no lock file", "path": "/app"}
    tested = {"ok": True, "vulnerabilities": [{"id": "SNYK-JS-A-1", "title": "T", "packageName": "a"}]}
    (scan,) = parse("snyk", [*([failed] * 30), tested]).scans
    assert not scan.successful
    assert [o.rule_id for o in scan.observations] == ["SNYK-JS-A-1"]


def test_the_xml_of_one_scan_under_the_name_of_qualys():
    body = (golden.folder("qualys_infrascan_webgui") / "samples" / "scan.xml").read_bytes()
    own = parse_report(body, ParseContext(secret_key=b"k"))
    named = parse_report(body, ParseContext(secret_key=b"k", scanner="qualys"))
    assert own.scanner == "qualys_infrascan_webgui"
    assert [o.rule_id for o in named.observations] == [o.rule_id for o in own.observations] != []


def test_junit_of_crashtest_is_read_as_such_only_when_named() -> None:
    report = parse_report(_JUNIT, ParseContext(secret_key=b"key", scanner="crashtest_security"))

    assert detect(_JUNIT) == "junit"
    (scan,) = report.scans
    assert [(each.title, each.severity) for each in scan.observations] == [("Cross-site scripting", Severity.HIGH)]
    assert scan.observations[0].location is not None
    assert scan.failure == "The fuzzer did not end"
