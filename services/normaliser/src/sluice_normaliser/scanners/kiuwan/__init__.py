"""Kiuwan: code security, as its table of vulnerabilities."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, Grade, Map, ScannerSpec, call, code, fix, grade, matching
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
In Kiuwan open Code Security, Vulnerabilities, and export them as CSV; then
```sh
sluice push kiuwan.csv --asset repo:github.com/acme/shop
```
Muted rows count as suppressed.
"""


def _priority(said: Any) -> Grade:
    """Return the severity of a priority; the middle of Kiuwan's five is called normal."""
    word = text(said) or ""
    return grade("medium")._replace(raw=word) if word.strip().lower() == "normal" else grade(word or None)


def _status(muted: Any, status: Any) -> Said:
    if str(muted).lower() in {"yes", "true"}:
        return Said(ObservationStatus.SUPPRESSED, f"Muted: {muted}")
    return Said(ObservationStatus.OPEN, str(status) if status else None)


SPEC = ScannerSpec(
    name="kiuwan",
    title="Kiuwan",
    kinds=(Kind.SAST,),
    homepage="https://www.kiuwan.com",
    setup=_SETUP,
    differences={"*": "one per row; the reference merges equal ones"},
    formats=(
        Format(
            name="kiuwan-csv",
            container="csv",
            detect=CsvShape(columns=("Rule code", "Rule"), any_of=("Muted", "Normative", "Software characteristic")),
            maps=(
                Map(
                    kind=Kind.SAST,
                    rule_id="Rule code",
                    title="Rule",
                    severity=call(_priority, "Priority"),
                    status=call(_status, "Muted", "Status"),
                    cwes=("CWE", matching("Normative", r"(CWE:\d+)")),
                    location=code(path="File", start_line="Line number", snippet="Line text"),
                    related_locations=code(
                        path="Source file", start_line="Source line number", snippet="Source line text"
                    ),
                    fix=fix(effort="Effort"),
                    tags=("Software characteristic", "Vulnerability type", "Language", "Framework"),
                ),
            ),
        ),
    ),
)
