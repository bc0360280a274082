"""Infer: finds memory, null, thread and taint problems in Java, C, C++, Objective-C and more."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    code,
    const,
    each,
    first,
    fix,
    step,
    suppression,
    when,
)
from sluice_normaliser.kit.coerce import boolean, integer
from sluice_normaliser.scanners.infer.listing import LISTING
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
infer run -- make
sluice push infer-out/report.json --asset repo:github.com/acme/shop --scanner infer
```
`--sarif` (`infer-out/report.sarif`) and what it prints (`report.txt`) do, too. Without `--fail-on-issue` Infer ends
with status 0 whatever it found.
"""


def _column(value: Any) -> int | None:
    """Return a column; -1 is none."""
    found = integer(value)
    return found if found is not None and found > 0 else None


def _status(censored: Any, suppressed: Any) -> ObservationStatus:
    left_out = bool(censored) or boolean(suppressed) is True
    return ObservationStatus.SUPPRESSED if left_out else ObservationStatus.OPEN


def _is_true(value: Any) -> bool:
    return boolean(value) is True


SPEC = ScannerSpec(
    name="infer",
    title="Infer",
    kinds=(Kind.SAST,),
    aliases=("facebook-infer", "fbinfer"),
    homepage="https://fbinfer.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="infer-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].bug_type",),
                any_of=("[].qualifier", "[].procedure", "[].bug_trace", "[].bug_class"),
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SAST,
                    rule_id="bug_type",
                    rule_name="bug_type_hum",
                    title=first("bug_type_hum", "bug_type"),
                    message="qualifier",
                    severity=by("severity | kind", "levels"),
                    status=call(_status, "censored_reason", "suppressed"),
                    location=code(
                        path="file",
                        start_line="line",
                        start_column=call(_column, "column"),
                        symbol="procedure",
                        symbol_kind=when("procedure", const("function")),
                    ),
                    code_flows=each(
                        "bug_trace[]",
                        step(
                            path="filename",
                            start_line="line_number",
                            start_column=call(_column, "column_number"),
                            message="description",
                        ),
                    ),
                    fix=fix(recommendation="suggestion"),
                    references="doc_url",
                    suppressions=first(
                        when("censored_reason", suppression(kind=const("external"), justification="censored_reason")),
                        when(call(_is_true, "suppressed"), suppression(kind=const("in_source"))),
                    ),
                    fingerprints={"infer_hash": "hash", "infer_key": "key", "infer_node": "node_key"},
                    tags=("category",),
                    ignore=("bug_trace_length", "bug_trace_max_depth", "procedure_start_line", "bug_trace"),
                ),
            ),
        ),
        LISTING,
    ),
)
