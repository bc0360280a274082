"""Solar appScreener: finds vulnerabilities in source code and binaries."""

from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    Map,
    ScannerSpec,
    call,
    code,
    const,
    fix,
    matching,
    split,
    status,
    suppression,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Scan → Export report → CSV, detailed results*:
```sh
sluice push appscreener.csv --asset repo:github.com/acme/shop
```
"""
_NOTHING = frozenset({"", "-", "n/a"})
_REJECTED = frozenset({"rejected", "false positive", "not a vulnerability"})


def _said(value: Any) -> str | None:
    """Return the words of a cell; a dash says nothing."""
    found = words(value)
    return None if found is None or found.lower() in _NOTHING else found


def _rejected(value: Any) -> bool:
    return (words(value) or "").lower() in _REJECTED


SPEC = ScannerSpec(
    name="solar_appscreener",
    title="Solar appScreener",
    kinds=(Kind.SAST,),
    homepage="https://rt-solar.ru/products/solar_appscreener/",
    setup=_SETUP,
    formats=(
        Format(
            name="solar-appscreener-csv",
            container="csv",
            detect=CsvShape(
                columns=("Vulnerability", "Severity Level"),
                any_of=("Recommendations", "Trace", "Vulnerability Comment", "Jira Task Identifier"),
                weight=2,
            ),
            maps=(
                Map(
                    kind=Kind.SAST,
                    rule_id="Vulnerability",
                    rule_name="Vulnerability",
                    title="Vulnerability",
                    description="Description",
                    message=call(_said, "Vulnerability Comment"),
                    severity="Severity Level",
                    status=status("Status", dict.fromkeys(_REJECTED, ObservationStatus.SUPPRESSED)),
                    cwes=split("Links"),
                    location=code(
                        path=call(_said, "File"),
                        start_line=matching("Line", r"(\d+)"),
                        end_line=matching("Line", r"\d+\s*-\s*(\d+)"),
                    ),
                    fix=fix(recommendation="Recommendations"),
                    references=(split("Links"),),
                    evidence={"trace": call(_said, "Trace")},
                    suppressions=when(
                        call(_rejected, "Status"),
                        suppression(kind=const("external"), justification=call(_said, "Vulnerability Comment")),
                    ),
                    tags=(call(_said, "Language"), call(_said, "Jira Task Identifier")),
                    ignore=(
                        "Jira Task Name",
                        "Jira Parent Task",
                        "Jira Issue Type",
                        "Jira Task Priority",
                        "Jira Task Assignee",
                    ),
                ),
            ),
        ),
    ),
)
