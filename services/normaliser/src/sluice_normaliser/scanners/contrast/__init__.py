"""Contrast Assess: finds vulnerabilities from inside a running application."""

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    join,
    matching,
    status,
    suppression,
    url,
    when,
)
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Vulnerabilities → Export → CSV*, best filtered to one application (or `GET /ng/$ORG/traces/$APP/export/csv/all`):
```sh
sluice push contrast.csv --asset app:shop
```
The answer of `GET /ng/$ORG/traces/$APP/filter?expand=request` does, too.
"""
_STATUS = {
    "not a problem": ObservationStatus.SUPPRESSED,
    "remediated": ObservationStatus.FIXED,
    "fixed": ObservationStatus.FIXED,
    "auto-remediated": ObservationStatus.FIXED,
    "auto remediated": ObservationStatus.FIXED,
    "remediated - auto-verified": ObservationStatus.FIXED,
    "remediated auto verified": ObservationStatus.FIXED,
}


def _address(path: object, query: object) -> str | None:
    """Return the path with its query; Contrast names no host."""
    place, asked = text(path), text(query)
    if place is None:
        return None
    return f"{place.strip()}?{asked.strip()}" if asked else place.strip()


def _settled(said: object) -> bool:
    return (text(said) or "").strip().lower() == "not a problem"


_TRACES = Map(
    each="traces[]",
    kind=Kind.DAST,
    rule_id="rule_name",
    rule_name="rule_title | rule_name",
    title="title",
    message="sub_title",
    severity="severity",
    confidence="confidence",
    status=status("status", _STATUS),
    location=url(
        url=call(_address, "request.uri", "request.queryString"),
        method="request.method",
    ),
    evidence={"request": "request.body"},
    suppressions=when(
        call(_settled, "status"), suppression(kind=const("external"), justification="sub_status | status")
    ),
    fingerprints={"contrast_vulnerability": "uuid"},
    tags=("category", "application.name", "language"),
    occurrence_count="total_traces_received",
    first_detected_at="first_time_seen",
    last_detected_at="last_time_seen",
)

SPEC = ScannerSpec(
    name="contrast",
    title="Contrast Assess",
    kinds=(Kind.DAST,),
    aliases=("contrast-assess", "contrast-security"),
    homepage="https://www.contrastsecurity.com",
    setup=_SETUP,
    formats=(
        Format(
            name="contrast-csv",
            container="csv",
            detect=CsvShape(
                columns=("Vulnerability Name",),
                any_of=("Rule Name", "Vulnerability ID", "Application Name", "Request URI"),
                weight=1,
            ),
            maps=(
                Map(
                    kind=Kind.DAST,
                    rule_id="Rule Name",
                    rule_name="Rule Name",
                    title="Vulnerability Name",
                    severity="Severity",
                    status=status("Status", _STATUS),
                    cwes="CWE ID",
                    location=url(
                        url=call(_address, "Request URI", "Request Qs"),
                        method="Request Method",
                        parameter=matching("Vulnerability Name", r'from "([^"]+)" Parameter'),
                    ),
                    references=("CWE ID",),
                    evidence={
                        "request": when(
                            "Request Body",
                            join(
                                join("Request Method", "Request URI", "Request Version", sep=" "),
                                "Request Body",
                                sep="\n\n",
                            ),
                        )
                    },
                    suppressions=when(
                        call(_settled, "Status"), suppression(kind=const("external"), justification="Status")
                    ),
                    fingerprints={"contrast_vulnerability": "Vulnerability ID"},
                    tags=("Category", "Application Name"),
                    occurrence_count="Number of Events",
                    first_detected_at="First Seen | First Seen Datetime",
                    last_detected_at="Last Seen | Last Seen Datetime",
                ),
            ),
        ),
        Format(
            name="contrast-traces-json",
            container="json",
            detect=JsonShape(root="object", has=("traces[].rule_name",), any_of=("traces[].uuid", "traces[].severity")),
            maps=(_TRACES,),
        ),
    ),
)
