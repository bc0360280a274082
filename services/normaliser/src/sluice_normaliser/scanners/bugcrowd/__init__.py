"""Bugcrowd: submissions of bug bounty programmes; the CSV export."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Map,
    ScannerSpec,
    by,
    call,
    fix,
    sections,
    status,
    url,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
In the programme's *Submissions*, choose *Export › CSV*.
```sh
sluice push submissions.csv --asset app:shop
```
"""

_STATUSES = {
    "resolved": ObservationStatus.FIXED,
    "fixed": ObservationStatus.FIXED,
    "wont_fix": ObservationStatus.SUPPRESSED,
    "won't fix": ObservationStatus.SUPPRESSED,
    "duplicate": ObservationStatus.SUPPRESSED,
    "not_applicable": ObservationStatus.NOT_APPLICABLE,
    "not applicable": ObservationStatus.NOT_APPLICABLE,
    "out_of_scope": ObservationStatus.NOT_APPLICABLE,
    "out of scope": ObservationStatus.NOT_APPLICABLE,
    "not_reproducible": ObservationStatus.NOT_APPLICABLE,
    "not reproducible": ObservationStatus.NOT_APPLICABLE,
    "informational": ObservationStatus.INFORMATIONAL,
    "closed": ObservationStatus.FIXED,
}


def _rule(lineage: Any) -> str | None:
    return (words(lineage) or "").replace(" > ", ".").lower().replace(" ", "_") or None


SPEC = ScannerSpec(
    name="bugcrowd",
    title="Bugcrowd",
    kinds=(Kind.DAST,),
    homepage="https://www.bugcrowd.com",
    setup=_SETUP,
    formats=(
        Format(
            name="bugcrowd-csv",
            container="csv",
            detect=CsvShape(columns=("reference_number", "title", "priority", "vrt_lineage", "substate")),
            maps=(
                Map(
                    kind=Kind.DAST,
                    rule_id=call(_rule, "vrt_lineage"),
                    rule_name="vrt_lineage",
                    title="title",
                    description=sections("description"),
                    message="extra_info",
                    severity=[by("priority", "5-1"), by("priority", "priority")],
                    status=status("substate | state", _STATUSES),
                    identifiers="vulnerability_references",
                    cwes=call(
                        lambda text: [part for part in (words(text) or "").split() if "cwe.mitre" in part],
                        "vulnerability_references",
                    ),
                    location=url(url="bug_url"),
                    fix=fix(recommendation="remediation_advice"),
                    references=("vulnerability_references",),
                    evidence={"request": "http_request"},
                    fingerprints={"bugcrowd_reference": "reference_number"},
                    tags=("target_category", "target_name"),
                    first_detected_at="submitted_at",
                ),
            ),
        ),
    ),
)
