"""CodeChecker: runs the Clang analysers, Cppcheck and others over C and C++, and keeps their reports."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, by, code, each, status, step
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
CodeChecker parse ./reports -e json -o codechecker.json
sluice push codechecker.json --asset repo:github.com/acme/shop
```
What is marked in the code as false positive or intentional counts as suppressed.
"""

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
            maps=(
                Map(
                    each="reports[]",
                    kind=Kind.SAST,
                    rule_id="checker_name",
                    title="message",
                    message="message",
                    severity=by("severity", "levels"),
                    status=status(
                        "review_status",
                        {
                            "unreviewed": ObservationStatus.OPEN,
                            "confirmed": ObservationStatus.OPEN,
                            "false_positive": ObservationStatus.SUPPRESSED,
                            "intentional": ObservationStatus.SUPPRESSED,
                            "suppress": ObservationStatus.SUPPRESSED,
                        },
                        default=ObservationStatus.OPEN,
                    ),
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
                ),
            ),
        ),
    ),
)
