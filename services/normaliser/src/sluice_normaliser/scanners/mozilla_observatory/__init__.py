"""Mozilla HTTP Observatory: grades the security headers of a site."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, call
from sluice_normaliser.kit.severity import Grade
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
observatory shop.acme.example --format json > observatory.json
sluice push observatory.json --asset service:shop
```
Tests that hold are counted only.
"""


def _status(passed: Any) -> Said:
    return Said(ObservationStatus.PASSED if passed is True else ObservationStatus.OPEN, f"pass: {passed}".lower())


def _grade(modifier: Any) -> Grade | None:
    """Return how bad the points are that a test takes off."""
    if not isinstance(modifier, int):
        return None
    steps = ((-20, Severity.HIGH), (-10, Severity.MEDIUM), (-1, Severity.LOW))
    return Grade(next((meant for most, meant in steps if modifier <= most), Severity.INFO), str(modifier))


def _map(each: str) -> Map:
    return Map(
        each=each,
        kind=Kind.DAST,
        rule_id="name | #key",
        rule_name="result",
        title="score_description",
        message="score_description",
        severity=call(_grade, "score_modifier"),
        status=call(_status, "pass"),
        evidence={"output": "output.data"},
        tags=("result", "expectation"),
    )


SPEC = ScannerSpec(
    name="mozilla_observatory",
    title="Mozilla HTTP Observatory",
    kinds=(Kind.DAST,),
    homepage="https://developer.mozilla.org/en-US/observatory",
    setup=_SETUP,
    counts_passed=True,
    differences={"*": "tests that hold are counted, not observed"},
    formats=(
        Format(
            name="observatory-tests",
            container="json",
            detect=JsonShape(root="object", has=("*.score_modifier", "*.score_description", "*.expectation")),
            maps=(_map("*"),),
        ),
        Format(
            name="observatory-scan",
            container="json",
            detect=JsonShape(root="object", has=("scan", "tests", "tests.*.score_modifier", "tests.*.expectation")),
            scan=ScanMap(scanned_at="scan.end_time | scan.scanned_at", version="scan.algorithm_version"),
            maps=(_map("tests.*"),),
        ),
    ),
)
