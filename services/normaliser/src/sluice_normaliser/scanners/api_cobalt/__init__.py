"""Cobalt: findings of pentests, as its API gives them or as the portal exports them."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    each,
    fix,
    sections,
    status,
    url,
)
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: Bearer $TOKEN" -H "X-Org-Token: $ORG" https://api.cobalt.io/findings > cobalt.json
sluice push cobalt.json --asset service:shop
```
or the CSV of a pentest's findings, as the portal exports it.
"""


def _further(position: Any) -> bool:
    return bool(position != 0)


def _cell(value: Any) -> str | None:
    """Return a cell without the apostrophe that keeps a spreadsheet from reading it as a formula."""
    said = text(value)
    return None if said is None else said.removeprefix("'").strip() or None


def _escaped(column: str) -> Any:
    return call(_cell, column)


_FINDING = Map(
    each="data[]",
    kind=Kind.DAST,
    rule_id="resource.type_category",
    title="resource.title",
    description="resource.description",
    severity="resource.severity",
    status=status(
        "resource.state",
        {
            "need_fix": ObservationStatus.OPEN,
            "check_fix": ObservationStatus.OPEN,
            "carried_over": ObservationStatus.OPEN,
            "new": ObservationStatus.OPEN,
            "triaging": ObservationStatus.OPEN,
            "valid_fix": ObservationStatus.FIXED,
            "wont_fix": ObservationStatus.SUPPRESSED,
            "invalid": ObservationStatus.SUPPRESSED,
            "duplicate": ObservationStatus.SUPPRESSED,
            "out_of_scope": ObservationStatus.NOT_APPLICABLE,
        },
        default=ObservationStatus.OPEN,
    ),
    location=url(url="resource.affected_targets[0]"),
    related_locations=each("resource.affected_targets[]", url(url="."), where=call(_further, "#key")),
    fix=fix(recommendation="resource.suggested_fix"),
    references=("links.ui.url",),
    evidence={
        "proof_of_concept": "resource.proof_of_concept",
        "affected_targets": "resource.affected_targets",
    },
    fingerprints={"cobalt": "resource.id", "tag": "resource.tag"},
    tags=("resource.labels[]",),
    first_detected_at="resource.log[0].timestamp",
)

SPEC = ScannerSpec(
    name="api_cobalt",
    scanner="cobalt",
    title="Cobalt",
    kinds=(Kind.DAST,),
    homepage="https://docs.cobalt.io",
    setup=_SETUP,
    formats=(
        Format(
            name="cobalt-api",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data[].resource",),
                any_of=(
                    *("data[].resource.pentest_id", "data[].resource.type_category", "data[].resource.suggested_fix"),
                    "data[].resource.affected_targets",
                ),
            ),
            maps=(_FINDING,),
        ),
        Format(
            name="cobalt-api-nothing",
            container="json",
            detect=JsonShape(root="object", has=("data",), only=("data",), lacks=("data[]",)),
            maps=(_FINDING,),
        ),
        Format(
            name="cobalt-csv",
            container="csv",
            detect=CsvShape(columns=("Title", "BrowserUrl"), any_of=("EvaluatedResult", "ResearcherUrl", "Token")),
            maps=(
                Map(
                    kind=Kind.DAST,
                    rule_id="Type",
                    title=_escaped("Title"),
                    description=sections(
                        _escaped("Description"),
                        Criticality=_escaped("CriticalityJustification"),
                        Prerequisites=_escaped("Prerequisites"),
                        Reproduction=_escaped("StepsToReproduce"),
                    ),
                    severity="Criticality | Severity",
                    status=status(
                        "EvaluatedResult",
                        {
                            "valid": ObservationStatus.OPEN,
                            "valid fix": ObservationStatus.FIXED,
                            "invalid": ObservationStatus.SUPPRESSED,
                            "duplicate": ObservationStatus.SUPPRESSED,
                            "wont fix": ObservationStatus.SUPPRESSED,
                            "out of scope": ObservationStatus.NOT_APPLICABLE,
                        },
                        default=ObservationStatus.OPEN,
                    ),
                    location=url(url=_escaped("BrowserUrl"), parameter=_escaped("RequestParams")),
                    fix=fix(recommendation=_escaped("SuggestedFix")),
                    references=("ReportUrl",),
                    evidence={"request": _escaped("HttpRequest"), "tools": _escaped("ToolsUsed")},
                    fingerprints={"cobalt": _escaped("Token"), "tag": "Tag"},
                    first_detected_at="CreatedAt",
                ),
            ),
        ),
    ),
)
