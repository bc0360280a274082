"""Formats that only the name of the scanner tells from others."""

from sluice_normaliser.kit import ParseContext, detect, parse_report
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


def test_junit_of_crashtest_is_read_as_such_only_when_named() -> None:
    report = parse_report(_JUNIT, ParseContext(secret_key=b"key", scanner="crashtest_security"))

    assert detect(_JUNIT) == "junit"
    (scan,) = report.scans
    assert [(each.title, each.severity) for each in scan.observations] == [("Cross-site scripting", Severity.HIGH)]
    assert scan.observations[0].location is not None
    assert scan.failure == "The fuzzer did not end"
