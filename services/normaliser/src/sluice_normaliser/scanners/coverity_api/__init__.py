"""Coverity Connect: the issues of a view, from its REST API or exported as CSV."""

from collections.abc import Callable, Iterator
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    Reading,
    ScanMap,
    ScannerSpec,
    call,
    code,
    const,
    peek,
    suppression,
    timestamp,
    when,
)
from sluice_normaliser.kit.shapes import arr, objs, words
from sluice_normaliser.scanners._coverity import cwe, kind, taken_away, triaged
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
```sh
VIEW="https://coverity.acme.io/api/viewContents/issues/v1/$NAME?projectId=$ID&rowCount=-1"
curl -u "$USER:$KEY" "$VIEW" > coverity.json
sluice push coverity.json --asset repo:github.com/acme/shop
```
`POST /api/v2/issues/search` gives the same in another form, and a view's *Export CSV* does, too; the view should show
*CID, Type, Impact, Status, Classification, Action, File, Function, Issue Kind, Checker* and *CWE*. Issues of quality
are kept, as such; dismissed ones count as suppressed. A page with fewer rows than there are closes nothing.
"""
_LABELS = {
    "cid": "CID",
    "displayType": "Type",
    "displayImpact": "Impact",
    "status": "Status",
    "firstDetected": "First Detected",
    "lastDetected": "Last Snapshot Date",
    "owner": "Owner",
    "classification": "Classification",
    "severity": "Severity",
    "action": "Action",
    "displayComponent": "Component",
    "displayCategory": "Category",
    "displayFile": "File",
    "displayFunction": "Function",
    "displayIssueKind": "Issue Kind",
    "checker": "Checker",
    "occurrenceCount": "Count",
    "cwe": "CWE",
    "lastTriaged": "Last Triaged",
    "externalReference": "External Reference",
    "lineNumber": "Line Number",
    "lastTriageComment": "Last Triage Comment",
    "mergeKey": "Merge Key",
    "fileLanguage": "Language",
}
"""The columns of a view: their keys in the API, and their headings on the page and in its CSV."""
_DATES = ("%m/%d/%y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def _issue(each: str, column: Callable[[str], str]) -> Map:
    """Return the map of one row, whose columns go by the names that ``column`` gives."""
    stand = (column("status"), column("classification"), column("action"))
    return Map(
        each=each,
        kind=call(kind, column("displayIssueKind")),
        rule_id=f"{column('checker')} | {column('displayType')}",
        rule_name=column("displayType"),
        title=column("displayType"),
        severity=column("displayImpact"),
        status=call(triaged, *stand),
        cwes=call(cwe, column("cwe")),
        location=code(
            path=column("displayFile"),
            start_line=column("lineNumber"),
            symbol=column("displayFunction"),
        ),
        suppressions=when(
            call(taken_away, *stand),
            suppression(
                kind=const("external"),
                status=column("classification"),
                justification=column("lastTriageComment"),
                author=column("owner"),
            ),
        ),
        fingerprints={"coverity_cid": column("cid"), "coverity_merge_key": column("mergeKey")},
        occurrence_count=column("occurrenceCount"),
        tags=(column("displayCategory"), column("displayComponent"), column("fileLanguage")),
        first_detected_at=timestamp(column("firstDetected"), *_DATES),
        last_detected_at=timestamp(column("lastDetected"), *_DATES),
    )


_ROW = _issue(".", lambda name: name)
_COMPILED = _ROW.compile()


def _found(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each row, which is a list of its cells."""
    for number, cells in enumerate(arr(document.get("rows"))):
        row = {words(cell.get("key")): cell.get("value") for cell in objs(cells)}
        yield from _COMPILED.run((None, None, number, row), reading)


def _whole(offset: Any, rows: Any, total: Any) -> bool:
    first = offset if isinstance(offset, int) else 0
    return not first and not (isinstance(total, int) and len(arr(rows)) < total)


def _scan(at: str) -> ScanMap:
    return ScanMap(complete=call(_whole, f"{at}offset", peek(f"{at}rows"), f"{at}totalRows"))


SPEC = ScannerSpec(
    name="coverity_api",
    scanner="coverity",
    title="Coverity Connect",
    kinds=(Kind.SAST, Kind.QUALITY),
    aliases=("coverity_connect", "coverity"),
    homepage="https://www.blackduck.com/static-analysis-tools-sast/coverity.html",
    setup=_SETUP,
    differences={
        "*": "issues of quality are kept as such; the reference leaves them out",
    },
    formats=(
        Format(
            name="coverity-view-json",
            container="json",
            detect=JsonShape(root="object", has=("viewContentsV1.rows",)),
            scan=_scan("viewContentsV1."),
            maps=(_issue("viewContentsV1.rows[]", lambda name: name),),
        ),
        Format(
            name="coverity-search-json",
            container="json",
            detect=JsonShape(root="object", has=("rows", "columns"), match={"columns[]": "^cid$"}),
            scan=_scan(""),
            parse=_found,
        ),
        Format(
            name="coverity-view-csv",
            container="csv",
            detect=CsvShape(columns=("CID", "Type"), any_of=("Impact", "Issue Kind", "Checker", "Classification")),
            maps=(_issue(".", lambda name: _LABELS[name]),),
        ),
    ),
)
