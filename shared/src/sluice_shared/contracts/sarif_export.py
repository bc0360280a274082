"""Findings as a SARIF 2.1.0 log (OASIS): one run of Sluice, one result a finding."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from sluice_shared.contracts.exported import CVSS_VERSIONS, Exported
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    CodeLocation,
    HostLocation,
    Location,
    Observation,
    ObservationStatus,
    PackageLocation,
    ResourceLocation,
    Severity,
    UrlLocation,
)

MEDIA_TYPE = "application/sarif+json"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINDING_ID = "sluice/findingId/v1"

_LEVELS: Mapping[Severity, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
    Severity.UNKNOWN: "warning",
}
_KINDS: Mapping[ObservationStatus, str] = {
    ObservationStatus.PASSED: "pass",
    ObservationStatus.MANUAL: "review",
    ObservationStatus.NOT_APPLICABLE: "notApplicable",
    ObservationStatus.INFORMATIONAL: "informational",
}
_BANDS: Mapping[Severity, tuple[float, float, float]] = {
    Severity.CRITICAL: (9.0, 10.0, 9.5),
    Severity.HIGH: (7.0, 8.9, 8.0),
    Severity.MEDIUM: (4.0, 6.9, 5.5),
    Severity.LOW: (0.1, 3.9, 2.0),
    Severity.INFO: (0.0, 0.0, 0.0),
}
"""Lowest and highest score that readers of ``security-severity`` take for a severity, and one in the middle."""


def sarif_log(
    findings: Iterable[Exported], *, version: str | None = None, properties: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the whole log; ``version`` is Sluice's own, ``properties`` are the run's.

    The same findings give the same log.
    """
    rules: dict[str, dict[str, Any]] = {}
    numbers: dict[str, int] = {}
    results: list[dict[str, Any]] = []
    for finding in findings:
        name = f"{finding.main.scanner}/{finding.main.rule_id}"
        if name not in rules:
            numbers[name] = len(rules)
            rules[name] = _rule(name, finding)
        else:
            _raise_rule(rules[name], finding)
        results.append(_result(finding, name, numbers[name]))
    driver: dict[str, Any] = {"name": "Sluice", "rules": list(rules.values())}
    if version:
        driver["version"] = version
    run: dict[str, Any] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    if properties:
        run["properties"] = dict(properties)
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def security_severity(finding: Exported) -> float | None:
    """Return the score that stands for the severity, 0-10: a CVSS score that agrees with it, else its band's middle.

    None when the severity is unknown.
    """
    band = _BANDS.get(finding.severity)
    if band is None:
        return None
    lowest, highest, middle = band
    for method in CVSS_VERSIONS:
        for observation in finding.observations:
            for rating in observation.ratings:
                if rating.method is method and rating.score is not None and lowest <= rating.score <= highest:
                    return rating.score
    return middle


def _rule(name: str, finding: Exported) -> dict[str, Any]:
    main = finding.main
    tags = ["security", main.kind.value, *(f"external/cwe/cwe-{number:03d}" for number in main.cwes)]
    links = [each.url for each in main.references if each.url.startswith(("https://", "http://"))]
    recommendation = main.fix.recommendation if main.fix is not None else None
    return _filled(
        {
            "id": name,
            "name": main.rule_name,
            "shortDescription": {"text": main.rule_name or main.title},
            "fullDescription": {"text": main.description} if main.description else None,
            "help": {"text": recommendation} if recommendation else None,
            "helpUri": _uri(links[0]) if links else None,
            "defaultConfiguration": {"level": _LEVELS[finding.severity]},
            "properties": _filled(
                {"tags": list(dict.fromkeys(tags)), "precision": main.precision, "security-severity": _score(finding)}
            ),
        }
    )


def _raise_rule(rule: dict[str, Any], finding: Exported) -> None:
    """Have the rule show the worst of its results, as readers sort by it."""
    score = _score(finding)
    known = rule["properties"].get("security-severity")
    if score is not None and (known is None or float(score) > float(known)):
        rule["properties"]["security-severity"] = score
        rule["defaultConfiguration"]["level"] = _LEVELS[finding.severity]


def _score(finding: Exported) -> str | None:
    score = security_severity(finding)
    return None if score is None else f"{score:.1f}"


def _result(finding: Exported, name: str, number: int) -> dict[str, Any]:
    main = finding.main
    kind = _KINDS.get(main.status, "fail")
    locations = [place for place in map(_location, [main.location]) if place]
    related = [place for place in map(_location, main.related_locations) if place]
    return _filled(
        {
            "ruleId": name,
            "ruleIndex": number,
            "kind": kind,
            "level": _LEVELS[finding.severity] if kind == "fail" else "none",
            "message": {"text": main.message or main.title},
            "locations": locations,
            "relatedLocations": related or None,
            "codeFlows": [_flow(flow) for flow in main.code_flows if flow] or None,
            "correlationGuid": finding.finding_id,
            "fingerprints": {**({_FINDING_ID: finding.finding_id} if finding.finding_id else {}), **finding.keys}
            or None,
            "partialFingerprints": dict(main.fingerprints) or None,
            "suppressions": _suppressions(main),
            "baselineState": _baseline(finding),
            "occurrenceCount": main.occurrence_count if (main.occurrence_count or 0) > 0 else None,
            "rank": finding.risk_score,
            "properties": _properties(finding),
        }
    )


def _properties(finding: Exported) -> dict[str, Any]:
    main = finding.main
    place = main.location
    return _filled(
        {
            "asset": finding.asset,
            "kind": main.kind.value,
            "severity": finding.severity.value,
            "security-severity": _score(finding),
            "scannerSeverity": main.scanner_severity,
            "title": main.title,
            "scanners": sorted({each.scanner for each in finding.observations}),
            "identifiers": [each.value for each in main.identifiers] or None,
            "cwes": [f"CWE-{number}" for number in main.cwes] or None,
            "purl": place.purl if isinstance(place, PackageLocation) else None,
            "fix": main.fix.model_dump(mode="json", exclude_defaults=True) if main.fix is not None else None,
            "ratings": [each.model_dump(mode="json", exclude_none=True) for each in main.ratings] or None,
            "refs": list(finding.refs) or None,
            "firstSeenAt": finding.first_seen_at.isoformat() if finding.first_seen_at else None,
            "resolvedAt": finding.resolved_at.isoformat() if finding.resolved_at else None,
        }
    )


def _baseline(finding: Exported) -> str | None:
    if finding.is_resolved or finding.main.status is ObservationStatus.FIXED:
        return "absent"
    if finding.is_new:
        return "new"
    return None if finding.finding_id is None else "unchanged"


def _suppressions(main: Observation) -> list[dict[str, Any]] | None:
    found = [
        _filled(
            {
                "kind": "inSource" if each.kind == "in_source" else "external",
                "status": {"accepted": "accepted", "under_review": "underReview", "rejected": "rejected"}.get(
                    each.status or ""
                ),
                "justification": each.justification,
            }
        )
        for each in main.suppressions
    ]
    if not found and main.status is ObservationStatus.SUPPRESSED:
        return [_filled({"kind": "external", "justification": main.scanner_status})]
    return found or None


def _location(place: Location | None) -> dict[str, Any] | None:
    if isinstance(place, CodeLocation):
        logical = [{"fullyQualifiedName": place.symbol}] if place.symbol else None
        message = {"text": place.message} if place.message else None
        physical = _physical(place) if place.path else None
        return _filled({"physicalLocation": physical, "logicalLocations": logical, "message": message})
    if isinstance(place, UrlLocation):
        return {"physicalLocation": {"artifactLocation": {"uri": _uri(place.url)}}}
    if isinstance(place, PackageLocation):
        named = place.purl or (f"{place.name}@{place.version}" if place.version else place.name)
        physical = _physical_of(place.path, place.line, None) if place.path else None
        return _filled({"physicalLocation": physical, "logicalLocations": [_logical(named, "package")]})
    if isinstance(place, HostLocation):
        named = f"{place.host}:{place.port}" if place.port else place.host
        return {"logicalLocations": [_logical(named, "host")]}
    if isinstance(place, ResourceLocation):
        physical = _physical_of(place.path, place.start_line, place.end_line) if place.path else None
        return _filled({"physicalLocation": physical, "logicalLocations": [_logical(place.resource, "resource")]})
    return None


def _logical(name: str, kind: str) -> dict[str, Any]:
    return {"fullyQualifiedName": name, "kind": kind}


def _physical_of(path: str, start: int | None, end: int | None) -> dict[str, Any]:
    region = _filled({"startLine": start, "endLine": end}) if start else None
    return _filled({"artifactLocation": {"uri": _path(path)}, "region": region})


def _physical(place: CodeLocation | CodeFlowStep) -> dict[str, Any]:
    region = None
    if place.start_line:
        region = _filled(
            {
                "startLine": place.start_line,
                "startColumn": place.start_column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
                "snippet": {"text": place.snippet} if place.snippet else None,
            }
        )
    return _filled({"artifactLocation": {"uri": _path(place.path or "")}, "region": region})


def _flow(steps: list[CodeFlowStep]) -> dict[str, Any]:
    locations = [
        {
            "location": _filled(
                {
                    "physicalLocation": _physical(step) if step.path else None,
                    "message": {"text": step.message} if step.message else None,
                }
            )
        }
        for step in steps
    ]
    return {"threadFlows": [{"locations": locations}]}


def _path(path: str) -> str:
    return quote(path, safe="/~@!$&'()*+,;=")


def _uri(url: str) -> str:
    """Quote what no URI may have, and leave quoted what is."""
    return quote(url, safe="/~@!$&'()*+,;=:?#[]%")


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
