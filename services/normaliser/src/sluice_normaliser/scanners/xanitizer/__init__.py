"""Xanitizer: finds vulnerabilities in source code by following tainted data."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    XmlShape,
    by,
    call,
    code,
    const,
    each,
    first,
    matching,
    rating,
    step,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*Report → Findings list → XML*, or `generateFindingsListReport` of the Ant and Maven plugins:
```sh
sluice push xanitizer.xml --asset repo:github.com/acme/shop
```
The rating, 0 to 10, gives the severity. Findings that were classified as intended or false count as suppressed.
"""
_STATUS = {
    "intended": ObservationStatus.SUPPRESSED,
    "false positive": ObservationStatus.SUPPRESSED,
    "ignored": ObservationStatus.SUPPRESSED,
    "ignore": ObservationStatus.SUPPRESSED,
    "harmless": ObservationStatus.SUPPRESSED,
    "information": ObservationStatus.INFORMATIONAL,
    "sanitized": ObservationStatus.PASSED,
    "fixed": ObservationStatus.FIXED,
    "solved": ObservationStatus.FIXED,
}


def _status(classification: Any) -> Said:
    said = words(classification)
    return Said(_STATUS.get((said or "").lower(), ObservationStatus.OPEN), said)


def _suppressed(classification: Any) -> bool:
    return _status(classification).status is ObservationStatus.SUPPRESSED


def _snippet(node: Any) -> str | None:
    """Return the flagged lines of a node, which are marked in the code around them."""
    lines = [obj(line) for line in items_of(obj(node).get("code"))]
    flagged = [words(line.get("#text")) for line in lines if line.get("@finding") == "true"]
    return "\n".join(line for line in flagged if line) or None


def _symbol(package: Any, name: Any) -> str | None:
    return ".".join(part for part in (words(package), words(name)) if part) or None


def _place(node: str) -> Any:
    return code(
        path=f"{node}.@relativePath | {node}.@absolutePath",
        start_line=f"{node}.@lineNo",
        snippet=call(_snippet, node),
        symbol=f"{node}.@classFQN",
    )


_STEP: dict[str, Any] = {
    "path": "@relativePath | @absolutePath",
    "start_line": "@lineNo",
    "message": "@classFQN",
    "snippet": call(_snippet, "."),
}

SPEC = ScannerSpec(
    name="xanitizer",
    title="Xanitizer",
    kinds=(Kind.SAST,),
    homepage="https://www.rigs-it.com/xanitizer/",
    setup=_SETUP,
    formats=(
        Format(
            name="xanitizer-xml",
            container="xml",
            detect=XmlShape(root="XanitizerFindingsList"),
            records="finding",
            scan=ScanMap(version="@xanitizerVersionShort", scanned_at="@timeStampLong | @timeStamp"),
            maps=(
                Map(
                    kind=Kind.SAST,
                    rule_id="problemTypeId",
                    rule_name="problemType",
                    title="problemType",
                    description="description",
                    message="message",
                    severity=by("rating", "cvss"),
                    status=call(_status, "classification"),
                    identifiers=("cveId", "description"),
                    cwes="cweNumber",
                    location=first(
                        _place("endNode"),
                        _place("node"),
                        _place("startNode"),
                        code(path="originalFile | file", start_line="line", symbol=call(_symbol, "package", "class")),
                    ),
                    related_locations=when("endNode", _place("startNode")),
                    code_flows=first(
                        each("Path.node[]", step(**_STEP)),
                        each("path.node[]", step(**_STEP)),
                    ),
                    ratings=rating(const("xanitizer"), score="rating"),
                    evidence={"package": template("{package}.{class}"), "method": "method"},
                    suppressions=when(
                        call(_suppressed, "classification"),
                        suppression(kind=const("external"), justification="comment"),
                    ),
                    tags=("category", "producer", "@kind"),
                    last_detected_at=matching("date", r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"),
                    ignore=("@id", "reviewed", "matchCode", "file", "line"),
                ),
            ),
        ),
    ),
)
