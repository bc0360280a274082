"""Checkmarx: CxSAST's XML report, and the JSON report of Checkmarx One."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    XmlShape,
    by,
    call,
    code,
    const,
    each,
    first,
    fix,
    ident,
    lookup,
    package,
    peek,
    rating,
    split,
    step,
    suppression,
    template,
    timestamp,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners._checkmarx import (
    flow,
    is_dismissed,
    is_suppressed,
    part_of,
    path_of,
    said,
    sink,
    source,
    verdict,
)
from sluice_normaliser.scanners.checkmarx.rows import ROWS
from sluice_shared.contracts.finding import Kind

_SETUP = """
CxSAST: *Projects → Scans → Create report → XML*, or `POST /cxrestapi/reports/sastScan` with `"reportType": "XML"`:
```sh
sluice push checkmarx.xml --asset repo:github.com/acme/shop
```
The CSV of the same scan and the JSON report of Checkmarx One (*Scan → Generate report → JSON*) do, too.
Results marked *Not Exploitable* count as
suppressed. For the results of the command line tool see `checkmarx_one`.
"""
_LAST = "Path.PathNode[-1]"
_NODE_LINES = "Snippet.Line.Code"
_XML = Map(
    each="Query[].Result[]",
    kind=Kind.SAST,
    rule_id="^.@name | ^.@id",
    rule_name="^.@name",
    title="^.@name",
    severity=[by("@Severity | ^.@Severity"), by("@SeverityIndex | ^.@SeverityIndex", "0-4")],
    status=call(verdict, "@state", "@FalsePositive", "@Status"),
    cwes="^.@cweId",
    location=code(
        path=call(path_of, f"{_LAST}.FileName | @FileName"),
        start_line=f"{_LAST}.Line | @Line",
        start_column=f"{_LAST}.Column",
        snippet=f"{_LAST}.{_NODE_LINES}",
        symbol=f"{_LAST}.Name",
    ),
    related_locations=when(
        "Path.PathNode[1]",
        code(
            path=call(path_of, "Path.PathNode[0].FileName"),
            start_line="Path.PathNode[0].Line",
            start_column="Path.PathNode[0].Column",
            message=const("source"),
        ),
    ),
    code_flows=each(
        "Path.PathNode[]",
        step(
            path=call(path_of, "FileName"),
            start_line="Line",
            start_column="Column",
            message="Name",
            snippet=_NODE_LINES,
        ),
    ),
    references=("@DeepLink",),
    suppressions=when(
        call(is_dismissed, "@state", "@FalsePositive"), suppression(kind=const("external"), justification="@Remark")
    ),
    fingerprints={"checkmarx_similarity": "Path.@SimilarityId", "checkmarx_path": "Path.@PathId"},
    baseline_state=lookup("@Status", {"new": "new", "recurrent": "unchanged"}),
    tags=("^.@group", "^.@Language", split("^.@categories")),
    first_detected_at=timestamp("@DetectionDate"),
    ignore=("@SeverityIndex", "@StatusIndex", "Path.PathNode", "Path.@ResultId"),
)

_FOUND = first(timestamp("firstFoundDate.seconds"), timestamp("firstFoundDate"))
_LAST_FOUND = first(timestamp("foundDate.seconds"), timestamp("foundDate"))
_REPORT: dict[str, Any] = {
    "severity": "severity",
    "status": call(said, "state", "status"),
    "suppressions": when(call(is_suppressed, "state"), suppression(kind=const("external"), justification="comment")),
    "baseline_state": lookup("status", {"new": "new", "recurrent": "unchanged"}),
    "first_detected_at": _FOUND,
    "last_detected_at": _LAST_FOUND,
}
_NODES = peek("nodes")
_SAST = Map(
    each="scanResults.sast.languages[].queries[].vulnerabilities[]",
    kind=Kind.SAST,
    rule_id="^.queryName | ^.queryId",
    rule_name="^.queryName",
    title="^.queryName",
    description="^.description",
    cwes="cweId",
    location=call(sink, _NODES),
    related_locations=call(source, _NODES),
    code_flows=call(flow, _NODES),
    fingerprints={"checkmarx_result": "id", "checkmarx_similarity": "similarityId"},
    tags=("groupName", "^^.languageName", "compliance"),
    ignore=("nodes",),
    **_REPORT,
)
_SCA = Map(
    each="scanResults.sca.packages[].vulnerabilities[]",
    kind=Kind.SCA,
    rule_id="cveId | cveName | cve | id",
    title=template("{cveId | cveName | cve | id} in {^.packageName | ^.name} {^.packageVersion | ^.version}"),
    description="description",
    identifiers=(ident("cveId | cveName | cve | id", "vendor"),),
    cwes="cwe | cweId",
    location=package(
        name=first("^.packageName", call(part_of(1), "^.name"), "^.name"),
        version=first("^.packageVersion | ^.version", call(part_of(2), "^.name")),
        ecosystem=first("^.packageRepository | ^.packageManager", call(part_of(0), "^.name")),
        fixed_versions="fixResolutionText | recommendedVersion | ^.recommendedVersion",
        path="^.locations[0]",
    ),
    ratings=rating(const("checkmarx"), vector="cvss.vector | vector", score="score | cvssScore | cvss.score"),
    references=("references[]",),
    fingerprints={"checkmarx_similarity": "similarityId"},
    **_REPORT,
)
_KICS = Map(
    each="scanResults.kics.results[].vulnerabilities[]",
    kind=Kind.IAC,
    rule_id="^.queryId | ^.queryName | ^.name | queryId | queryName",
    rule_name="^.queryName | ^.name | queryName",
    title="^.queryName | ^.name | queryName",
    description="^.description | description",
    message="actualValue",
    location=code(path=call(path_of, "fileName"), start_line="line"),
    fix=fix(recommendation="expectedValue"),
    fingerprints={"checkmarx_result": "id", "checkmarx_similarity": "similarityId"},
    tags=("^.platform", "issueType", "category"),
    **_REPORT,
)

SPEC = ScannerSpec(
    name="checkmarx",
    title="Checkmarx",
    kinds=(Kind.SAST, Kind.SCA, Kind.IAC),
    aliases=("cxsast",),
    homepage="https://checkmarx.com",
    setup=_SETUP,
    formats=(
        Format(
            name="checkmarx-xml",
            container="xml",
            detect=XmlShape(root="CxXMLResults"),
            scan=ScanMap(
                version="@CheckmarxVersion",
                scanned_at=timestamp("@ScanStart", "%A, %B %d, %Y %I:%M:%S %p", "%A, %d %B %Y %H:%M:%S"),
                category="@ProjectName",
                complete=call(lambda kind: (text(kind) or "Full").lower() != "incremental", "@ScanType"),
            ),
            maps=(_XML,),
        ),
        Format(
            name="checkmarx-csv",
            container="csv",
            detect=CsvShape(
                columns=("Query", "SrcFileName"), any_of=("Result Severity", "DestFileName", "QueryPath"), weight=2
            ),
            maps=(ROWS,),
        ),
        Format(
            name="checkmarx-report-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("scanResults.sast", "scanResults.sca", "scanResults.kics"),
                weight=2,
            ),
            scan=ScanMap(
                scanned_at=timestamp(
                    "scanSummary.scanCompletedDate | reportHeader.createdDate", "%Y-%m-%d %H:%M:%S.%f %z UTC"
                ),
                category="reportHeader.projectName",
                ref="executiveSummary.branchName",
            ),
            maps=(_SAST, _SCA, _KICS),
        ),
        Format(
            name="checkmarx-report-json-nothing",
            container="json",
            detect=JsonShape(root="object", has=("reportHeader", "scanResults"), lacks=("scanResults.resultsList",)),
            maps=(_SAST, _SCA, _KICS),
        ),
    ),
)
