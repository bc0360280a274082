"""Horusec: runs many scanners over a project, and reads its code for itself."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    matching,
    secret,
    status,
    when,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
horusec start -p . -o json -O horusec.json
sluice push horusec.json --asset repo:github.com/acme/shop
```
Tools that Horusec could not run count as a failure of the scan: it closes nothing.
"""
_SCA = frozenset(
    {"npmaudit", "yarnaudit", "safety", "bundleraudit", "owaspdependencycheck", "trivy", "nancy", "dotnetcli"}
)
_UNTOLD = frozenset({"", "-"})


def _kind(tool: Any, language: Any) -> Kind:
    if str(language).lower() == "leaks" or str(tool).lower() == "gitleaks":
        return Kind.SECRET
    return Kind.SCA if str(tool).lower() in _SCA else Kind.SAST


def _leak(tool: Any, language: Any) -> bool:
    return _kind(tool, language) is Kind.SECRET


def _told(value: Any) -> str | None:
    """Return a text, but for the dash that stands for nothing."""
    return None if value is None or str(value) in _UNTOLD else str(value)


def _positive(value: Any) -> int | None:
    return int(value) or None if str(value).isdigit() else None


_V = "vulnerabilities"

SPEC = ScannerSpec(
    name="horusec",
    title="Horusec",
    kinds=(Kind.SAST, Kind.SECRET, Kind.SCA),
    homepage="https://horusec.io",
    setup=_SETUP,
    formats=(
        Format(
            name="horusec-json",
            container="json",
            detect=JsonShape(root="object", has=("analysisVulnerabilities",)),
            scan=ScanMap(version="version", scanned_at="finishedAt", failure="errors"),
            maps=(
                Map(
                    each="analysisVulnerabilities[]",
                    kind=call(_kind, f"{_V}.securityTool", f"{_V}.language"),
                    rule_id=f"{_V}.rule_id",
                    title=matching(f"{_V}.details", r"^(?:\(\d+/\d+\) \* Possible vulnerability detected: )?([^\n]+)"),
                    description=f"{_V}.details",
                    severity=f"{_V}.severity",
                    confidence=f"{_V}.confidence",
                    status=status(
                        f"{_V}.type",
                        {
                            "Vulnerability": ObservationStatus.OPEN,
                            "False Positive": ObservationStatus.SUPPRESSED,
                            "Risk Accepted": ObservationStatus.SUPPRESSED,
                            "Corrected": ObservationStatus.FIXED,
                        },
                        default=ObservationStatus.OPEN,
                    ),
                    identifiers=matching(f"{_V}.details", r"((?:CVE-\d{4}-\d+|GHSA(?:-\w{4}){3}))"),
                    cwes=matching(f"{_V}.details", r"(CWE-\d+)"),
                    location=code(
                        path=f"{_V}.file",
                        start_line=call(_positive, f"{_V}.line"),
                        start_column=call(_positive, f"{_V}.column"),
                        snippet=f"{_V}.code",
                        commit=call(_told, f"{_V}.commitHash"),
                    ),
                    references=matching(f"{_V}.details", r"(https?://[^\s()]+)"),
                    secret=when(
                        call(_leak, f"{_V}.securityTool", f"{_V}.language"),
                        secret(
                            match=f"{_V}.code",
                            commit=call(_told, f"{_V}.commitHash"),
                            author=call(_told, f"{_V}.commitAuthor"),
                            email=call(_told, f"{_V}.commitEmail"),
                            committed_at=call(_told, f"{_V}.commitDate"),
                        ),
                    ),
                    fingerprints={"vulnHash": f"{_V}.vulnHash"},
                    tags=(f"{_V}.securityTool", f"{_V}.language"),
                    first_detected_at="createdAt",
                    ignore=("vulnerabilityID", "analysisID"),
                ),
            ),
        ),
    ),
)
