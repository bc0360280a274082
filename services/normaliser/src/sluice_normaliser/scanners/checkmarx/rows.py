"""The CSV report of CxSAST; a row is a result, with where its flow begins and ends."""

from sluice_normaliser.kit import Map, call, code, const, lookup, suppression, timestamp, when
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners._checkmarx import is_suppressed, path_of, said
from sluice_shared.contracts.finding import Kind

ROWS = Map(
    kind=Kind.SAST,
    rule_id="Query",
    rule_name="Query",
    title="Query",
    severity="Result Severity",
    status=call(said, "Result State", "Result Status"),
    cwes="CWE",
    location=code(
        path=call(path_of, "DestFileName | SrcFileName"),
        start_line="DestLine | Line",
        start_column="DestColumn | Column",
        symbol="DestName | Name",
    ),
    related_locations=when(
        "DestFileName",
        code(path=call(path_of, "SrcFileName"), start_line="Line", start_column="Column", message=const("source")),
    ),
    references="Link",
    suppressions=when(
        call(is_suppressed, "Result State"), suppression(kind=const("external"), justification="Comment")
    ),
    fingerprints={"checkmarx_similarity": "Similarity Id | SimilarityId"},
    baseline_state=lookup("Result Status", {"new": "new", "recurrent": "unchanged", "fixed": "absent"}),
    tags=(call(lambda path: (text(path) or "").partition("\\")[0] or None, "QueryPath"),),
    first_detected_at=timestamp("Detection Date"),
    ignore=("NodeId", "DestNodeId", "SrcFileName"),
)
