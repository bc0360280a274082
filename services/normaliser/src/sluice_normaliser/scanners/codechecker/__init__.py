"""CodeChecker: runs the Clang analysers, Cppcheck and others over C and C++, and keeps their reports."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, by, code, each, lookup, status, step
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
CodeChecker parse ./reports -e json -o codechecker.json
sluice push codechecker.json --asset repo:github.com/acme/shop
```
The list that `CodeChecker cmd results NAME -o json` prints does, too.
What is marked in the code as false positive or intentional counts as suppressed.
"""
_REVIEWS = {
    "unreviewed": ObservationStatus.OPEN,
    "confirmed": ObservationStatus.OPEN,
    "false_positive": ObservationStatus.SUPPRESSED,
    "intentional": ObservationStatus.SUPPRESSED,
    "suppress": ObservationStatus.SUPPRESSED,
    "suppressed": ObservationStatus.SUPPRESSED,
    # the numbers of the server's API
    "0": ObservationStatus.OPEN,
    "1": ObservationStatus.OPEN,
    "2": ObservationStatus.SUPPRESSED,
    "3": ObservationStatus.SUPPRESSED,
}
_SEVERITIES = {"10": "style", "20": "low", "30": "medium", "40": "high", "50": "critical"}
"""The numbers of the server's API."""

_REPORT = Map(
    each="reports[]",
    kind=Kind.SAST,
    rule_id="checker_name",
    title="message | checker_name",
    message="message",
    severity=by("severity", "levels"),
    status=status("review_status", _REVIEWS, default=ObservationStatus.OPEN),
    location=code(path="file.path | file.original_path", start_line="line", start_column="column"),
    code_flows=each(
        ".",
        each(
            "bug_path_events[]",
            step(path="file.path", start_line="line", start_column="column", message="message"),
        ),
    ),
    fingerprints={"report_hash": "report_hash"},
    tags=("analyzer_name", "category"),
    ignore=("analyzer_result_file_path", "file.id"),
)
_RESULT = Map(
    each="[]",
    kind=Kind.SAST,
    rule_id="checkerId",
    title="checkerMsg | checkerId",
    message="checkerMsg",
    severity=[by(lookup("severity", _SEVERITIES), "levels"), by("severity", "levels")],
    status=status("reviewData.status", _REVIEWS, default=ObservationStatus.OPEN),
    location=code(path="checkedFile", start_line="line", start_column="column"),
    fingerprints={"report_hash": "bugHash"},
    tags=("analyzerName",),
    first_detected_at="detectedAt",
    ignore=("reportId", "fileId", "runId", "bugPathLength"),
)

SPEC = ScannerSpec(
    name="codechecker",
    title="CodeChecker",
    kinds=(Kind.SAST,),
    homepage="https://codechecker.readthedocs.io",
    setup=_SETUP,
    formats=(
        Format(
            name="codechecker-json-1",
            container="json",
            detect=JsonShape(root="object", has=("version", "reports"), only=("version", "reports")),
            maps=(_REPORT,),
        ),
        Format(
            name="codechecker-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("reports",),
                any_of=(
                    *("reports[].report_hash", "reports[].bug_path_events", "reports[].analyzer_name"),
                    "reports[].checker_name",
                ),
            ),
            maps=(_REPORT,),
        ),
        Format(
            name="codechecker-results-json",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].checkerId",), any_of=("[].bugHash", "[].checkedFile")),
            maps=(_RESULT,),
        ),
    ),
)
