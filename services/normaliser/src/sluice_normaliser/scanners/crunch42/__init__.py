"""42Crunch: audits of OpenAPI definitions."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, by, call, const, first, resource
from sluice_shared.contracts.finding import Kind, Severity

_SETUP = """
```sh
42c-ast audit run openapi.yaml --output audit.json --output-format json
sluice push audit.json --asset repo:github.com/acme/shop
```
"""


def _pointer(pointer: Any, index: Any) -> str | None:
    """Return the JSON pointer that a number stands for."""
    listed = index if isinstance(index, list) else []
    known = isinstance(pointer, int) and 0 <= pointer < len(listed)
    return (str(listed[pointer]) or "/") if known else (None if pointer is None else str(pointer))


def _map(part: str, report: str, severity: Any, kind: Kind) -> Map:
    document = "^^." if report.startswith("[].") else "$."
    inner = report.removeprefix("[].")
    return Map(
        each=f"{report}{part}.issues.*.issues[]",
        kind=kind,
        rule_id="^#key",
        title=first("specificDescription", "^.description"),
        description="^.description",
        severity=severity,
        location=resource(
            resource=call(_pointer, "pointer", f"{document}{inner}index"),
            resource_type=const("openapi"),
            name=f"{document}apiId | {document}report.apiId",
        ),
        fingerprints={"42crunch": "fingerprint"},
        tags=const([part]),
    )


def _format(name: str, report: str) -> Format:
    return Format(
        name=name,
        container="json",
        detect=JsonShape(
            root="array" if report.startswith("[].") else "object",
            any_of=(f"{report}assessmentVersion", f"{report}openapiState", f"{report}security.issues"),
            weight=2.0 if report else 1.0,
        ),
        scan=ScanMap(
            version=f"{report.replace('[]', '[0]')}assessmentVersion", commit=f"{report.replace('[]', '[0]')}commit"
        ),
        maps=(
            _map("security", report, by("criticality | ^.criticality", "1-5"), Kind.API),
            _map("data", report, by("criticality | ^.criticality", "1-5"), Kind.API),
            _map("semanticErrors", report, Severity.INFO, Kind.QUALITY),
            _map("validationErrors", report, Severity.INFO, Kind.QUALITY),
            _map("warnings", report, Severity.INFO, Kind.QUALITY),
        ),
    )


SPEC = ScannerSpec(
    name="crunch42",
    title="42Crunch API Audit",
    kinds=(Kind.API, Kind.QUALITY),
    aliases=("42crunch",),
    homepage="https://42crunch.com/api-security-audit/",
    setup=_SETUP,
    differences={"*": "the report's data issues and warnings are kept too, and every place of an issue is one record"},
    formats=(
        _format("42crunch-audit-json", "report."),
        _format("42crunch-audit-json-bare", ""),
        _format("42crunch-audit-json-list", "[].report."),
    ),
)
