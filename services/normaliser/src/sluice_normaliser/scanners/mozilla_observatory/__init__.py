"""Mozilla HTTP Observatory: grades the security headers of a site."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, call
from sluice_normaliser.kit.coerce import boolean, number
from sluice_normaliser.kit.severity import Grade
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.kit.values import Said
from sluice_normaliser.scanners._notices import notice
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
mdn-http-observatory-scan shop.acme.example > observatory.json
sluice push observatory.json --asset service:shop
```
Tests that hold are counted only. What the old `observatory --format json` wrote does, too.
"""


def _status(passed: Any, modifier: Any) -> Said:
    """Return the status; a test that neither holds nor takes points off has nothing to look at."""
    holds, points = boolean(passed), number(modifier)
    said = f"pass: {passed}".lower()
    if holds is None and points is not None and points >= 0:
        return Said(ObservationStatus.NOT_APPLICABLE, said)
    return Said(ObservationStatus.PASSED if holds else ObservationStatus.OPEN, said)


def _failed(error: Any, state: Any) -> str | None:
    """Return what kept the scan from its end."""
    told = words(state)
    return words(error) or (f"the scan is {told.lower()}" if told in {"FAILED", "ABORTED"} else None)


def _grade(modifier: Any) -> Grade | None:
    """Return how bad the points are that a test takes off."""
    points = number(modifier)
    if points is None:
        return None
    steps = ((-20, Severity.HIGH), (-10, Severity.MEDIUM), (-1, Severity.LOW))
    return Grade(next((meant for most, meant in steps if points <= most), Severity.INFO), str(modifier))


def _map(each: str) -> Map:
    return Map(
        each=each,
        kind=Kind.DAST,
        rule_id="name | #key",
        rule_name="result",
        title="score_description | scoreDescription | result",
        message="score_description | scoreDescription",
        severity=call(_grade, "score_modifier | scoreModifier"),
        status=call(_status, "pass", "score_modifier | scoreModifier"),
        evidence={"output": "output.data | data"},
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
            detect=JsonShape(
                root="object", has=("*.expectation",), any_of=("*.score_modifier", "*.scoreModifier"), weight=1
            ),
            maps=(_map("*"),),
        ),
        Format(
            name="observatory-scan",
            container="json",
            detect=JsonShape(
                root="object",
                has=("tests.*.expectation",),
                any_of=("tests.*.score_modifier", "tests.*.scoreModifier"),
                weight=2,
            ),
            scan=ScanMap(
                scanned_at="scan.end_time | scan.scanned_at",
                version="scan.algorithm_version | scan.algorithmVersion",
                failure=call(_failed, "scan.error", "scan.state"),
            ),
            maps=(_map("tests.*"),),
        ),
        notice(
            "observatory-summary",
            JsonShape(root="object", has=("tests_quantity", "grade"), lacks=("tests",)),
            "this is the summary of a scan, which only counts its tests; push what `mdn-http-observatory-scan` writes, "
            "or the answer of the API's `analyze`",
        ),
    ),
)
