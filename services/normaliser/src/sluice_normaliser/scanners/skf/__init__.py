"""OWASP Security Knowledge Framework: requirements of a sprint, to be met by the team."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, Map, ScannerSpec, call, compliance, const, fix
from sluice_normaliser.kit.coerce import text
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Project → Sprint → Results → Download CSV*:
```sh
sluice push skf.csv --asset repo:github.com/acme/shop --scanner skf
```
SKF asks for requirements (mostly of the ASVS) and grades nothing; each is an observation of unknown severity.
"""


def _cell(value: Any) -> str | None:
    """Return a cell without the backslashes and doubled quotes with which SKF escapes commas and quotes."""
    said = text(value)
    return None if said is None else said.replace("\\,", ",").replace("''", "'").strip()


def _chapter(title: Any) -> str | None:
    """Return ``Session Management`` of ``Session Management : Verify that …``."""
    before, colon, _ = (_cell(title) or "").partition(":")
    return before.strip() if colon else None


def _requirement(title: Any) -> str | None:
    before, _, after = (_cell(title) or "").partition(":")
    return after.strip() or before.strip() or None


SPEC = ScannerSpec(
    name="skf",
    title="OWASP Security Knowledge Framework",
    kinds=(Kind.COMPLIANCE,),
    homepage="https://www.securityknowledgeframework.org",
    setup=_SETUP,
    formats=(
        Format(
            name="skf-csv",
            container="csv",
            detect=CsvShape(
                columns=("title", "description", "mitigation"),
                lacks=("severity", "id", "status", "cwe", "risk", "file", "url", "host", "cve", "cvss", "type"),
            ),
            maps=(
                Map(
                    kind=Kind.COMPLIANCE,
                    rule_id=call(_requirement, "title"),
                    rule_name=call(_cell, "title"),
                    title=call(_cell, "title"),
                    description=call(_cell, "description"),
                    fix=fix(recommendation=call(_cell, "mitigation")),
                    compliance=compliance(
                        standard=const("SKF"),
                        control=call(_chapter, "title"),
                        title=call(_requirement, "title"),
                    ),
                    first_detected_at="date",
                ),
            ),
        ),
    ),
)
