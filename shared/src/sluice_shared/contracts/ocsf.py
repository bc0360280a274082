"""Findings as OCSF events (Open Cybersecurity Schema Framework 1.5), of the class that fits the kind."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sluice_shared.contracts.exported import CVSS_VERSIONS, Exported
from sluice_shared.contracts.finding import (
    CodeLocation,
    Confidence,
    HostLocation,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    ResourceLocation,
    Severity,
    UrlLocation,
)

VERSION = "1.5.0"
CATEGORY = 2
VULNERABILITY, COMPLIANCE, DETECTION, POSTURE = 2002, 2003, 2004, 2007
CLASSES: Mapping[int, str] = {
    VULNERABILITY: "Vulnerability Finding",
    COMPLIANCE: "Compliance Finding",
    DETECTION: "Detection Finding",
    POSTURE: "Application Security Posture Finding",
}
_CLASS_OF: Mapping[Kind, int] = {
    Kind.SCA: VULNERABILITY,
    Kind.CONTAINER: VULNERABILITY,
    Kind.HOST: VULNERABILITY,
    Kind.IAC: COMPLIANCE,
    Kind.CSPM: COMPLIANCE,
    Kind.COMPLIANCE: COMPLIANCE,
    Kind.RUNTIME: DETECTION,
    Kind.MALWARE: DETECTION,
    Kind.OTHER: DETECTION,
}
"""Every other kind is about an application: its code, its secrets, its interfaces, its licences."""

_SEVERITIES: Mapping[Severity, tuple[int, str]] = {
    Severity.UNKNOWN: (0, "Unknown"),
    Severity.INFO: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_CONFIDENCES: Mapping[Confidence, tuple[int, str]] = {
    Confidence.UNKNOWN: (0, "Unknown"),
    Confidence.LOW: (1, "Low"),
    Confidence.MEDIUM: (2, "Medium"),
    Confidence.HIGH: (3, "High"),
    Confidence.CONFIRMED: (3, "High"),
}
_CHECKS: Mapping[ObservationStatus, tuple[int, str]] = {
    ObservationStatus.PASSED: (1, "Pass"),
    ObservationStatus.FIXED: (1, "Pass"),
    ObservationStatus.MANUAL: (2, "Warning"),
    ObservationStatus.NOT_APPLICABLE: (2, "Warning"),
    ObservationStatus.INFORMATIONAL: (2, "Warning"),
}
_NEW, _SUPPRESSED, _RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")
_REGULAR_FILE = 1


def ocsf_event(finding: Exported, *, at: datetime, version: str | None = None) -> dict[str, Any]:
    """Return the event, as JSON takes it; times are milliseconds since 1970.

    ``at`` is the event's time where the finding itself has none; ``version`` is Sluice's own.
    """
    main = finding.main
    class_uid = _CLASS_OF.get(main.kind, POSTURE)
    activity, activity_name = (3, "Close") if finding.is_resolved else (1, "Create")
    severity_id, severity = _SEVERITIES[finding.severity]
    confidence_id, confidence = _CONFIDENCES[main.confidence]
    status_id, status = _status(finding)
    moment = finding.resolved_at or finding.opened_at or at
    product = _filled({"name": "Sluice", "vendor_name": "Sluice", "version": version})
    event = {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": class_uid,
        "class_name": CLASSES[class_uid],
        "type_uid": class_uid * 100 + activity,
        "type_name": f"{CLASSES[class_uid]}: {activity_name}",
        "time": _millis(moment),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "confidence_id": confidence_id,
        "confidence": confidence,
        "message": main.message or main.title,
        "metadata": {"version": VERSION, "product": product},
        "finding_info": _finding_info(finding),
        "resources": _resources(finding) or None,
        "risk_score": None if finding.risk_score is None else round(finding.risk_score),
        "unmapped": main.unmapped or None,
        **_of_class(class_uid, finding),
    }
    return _filled(event)


def _of_class(class_uid: int, finding: Exported) -> dict[str, Any]:
    main = finding.main
    found: dict[str, Any] = {}
    if class_uid == COMPLIANCE:
        found["compliance"] = _compliance(main)
    elif class_uid == DETECTION:
        found["evidences"] = [{"data": {"type": each.type, "text": each.text}} for each in main.evidence] or None
    if class_uid == POSTURE and finding.asset:
        found["application"] = {"name": finding.asset}
    if class_uid in {VULNERABILITY, POSTURE}:
        found["vulnerabilities"] = _vulnerabilities(main)
    else:
        found["remediation"] = _remediation(main)
    return found


def _status(finding: Exported) -> tuple[int, str]:
    status = finding.main.status
    if finding.is_resolved or status in {ObservationStatus.FIXED, ObservationStatus.PASSED}:
        return _RESOLVED
    return _SUPPRESSED if status is ObservationStatus.SUPPRESSED else _NEW


def _finding_info(finding: Exported) -> dict[str, Any]:
    main = finding.main
    scanner = _filled({"name": main.scanner_name or main.scanner, "uid": main.scanner, "version": main.scanner_version})
    links = [each.url for each in main.references]
    return _filled(
        {
            "uid": finding.finding_id or _uid(main),
            "title": main.title,
            "desc": main.description,
            "analytic": _filled({"uid": main.rule_id, "name": main.rule_name, "type_id": 1, "type": "Rule"}),
            "product": {**scanner, "vendor_name": scanner["name"]},
            "types": [main.kind.value],
            "data_sources": sorted({each.scanner for each in finding.observations}),
            "first_seen_time": _millis(finding.first_seen_at or main.first_detected_at),
            "created_time": _millis(finding.opened_at),
            "last_seen_time": _millis(main.last_detected_at),
            "src_url": links[0] if links else None,
        }
    )


def _uid(main: Observation) -> str:
    """Return an id for what is no finding: the same for the same rule at the same place."""
    place = main.location.model_dump_json(exclude_defaults=True) if main.location is not None else ""
    return sha256(f"{main.scanner}\x00{main.rule_id}\x00{place}".encode()).hexdigest()[:32]


def _compliance(main: Observation) -> dict[str, Any]:
    status_id, status = _CHECKS.get(main.status, (3, "Fail"))
    standards = list(dict.fromkeys(each.standard for each in main.compliance)) or [main.scanner_name or main.scanner]
    requirements = list(dict.fromkeys(each.control for each in main.compliance if each.control))
    return _filled(
        {
            "control": main.rule_id,
            "standards": standards,
            "requirements": requirements or None,
            "status_id": status_id,
            "status": status,
        }
    )


def _vulnerabilities(main: Observation) -> list[dict[str, Any]]:
    """Return one for each CVE, else one for the first CWE, else one for the rule, which is an advisory by itself."""
    shared = _filled(
        {
            "title": main.title,
            "desc": main.description,
            "severity": main.scanner_severity,
            "vendor_name": main.scanner_name or main.scanner,
            "references": [each.url for each in main.references] or None,
            "is_fix_available": main.fix.available if main.fix is not None else None,
            "remediation": _remediation(main),
            "affected_packages": _packages(main),
            "affected_code": _code(main),
            "cwe": _cwe(main.cwes[0]) if main.cwes else None,
        }
    )
    advisories = [each for each in main.identifiers if each.type not in {"cve", "cwe"}]
    advisory = {"uid": advisories[0].value if advisories else main.rule_id}
    cves = [each.value for each in main.identifiers if each.type == "cve"]
    scores = _cvss(main) or None
    if not cves:
        return [{**shared, "advisory": advisory}]
    related = [{"uid": f"CWE-{number}"} for number in main.cwes] or None
    return [
        _filled(
            {
                **shared,
                "cve": _filled({"uid": cve, "cvss": scores, "epss": _epss(main), "related_cwes": related}),
                "advisory": advisory if advisories else None,
            }
        )
        for cve in cves
    ]


def _cvss(main: Observation) -> list[dict[str, Any]]:
    return [
        _filled(
            {
                "version": CVSS_VERSIONS[each.method],
                "base_score": each.score,
                "vector_string": each.vector,
                "severity": each.severity,
                "vendor_name": each.source,
            }
        )
        for each in main.ratings
        if each.method in CVSS_VERSIONS and each.score is not None
    ]


def _epss(main: Observation) -> dict[str, Any] | None:
    for each in main.ratings:
        if each.method.value == "epss" and each.score is not None:
            # OCSF has the probability as text, so that no digit is lost.
            return _filled({"score": str(each.score), "percentile": each.percentile})
    return None


def _cwe(number: int) -> dict[str, Any]:
    return {"uid": f"CWE-{number}", "src_url": f"https://cwe.mitre.org/data/definitions/{number}.html"}


def _packages(main: Observation) -> list[dict[str, Any]] | None:
    place = main.location
    if not isinstance(place, PackageLocation):
        return None
    fixed = place.fixed_versions or (main.fix.fixed_versions if main.fix is not None else [])
    return [
        _filled(
            {
                "name": f"{place.namespace}/{place.name}" if place.namespace else place.name,
                "version": place.version or "unknown",
                "purl": place.purl,
                "cpe_name": place.cpe,
                "package_manager": place.ecosystem,
                "path": place.path,
                "fixed_in_version": fixed[0] if fixed else None,
            }
        )
    ]


def _code(main: Observation) -> list[dict[str, Any]] | None:
    place = main.location
    if not isinstance(place, CodeLocation):
        return None
    file = {"name": place.path.rsplit("/", 1)[-1] or place.path, "path": place.path, "type_id": _REGULAR_FILE}
    return [_filled({"file": file, "start_line": place.start_line, "end_line": place.end_line})]


def _remediation(main: Observation) -> dict[str, Any] | None:
    words = main.fix and (main.fix.action or main.fix.recommendation)
    return {"desc": words} if words else None


def _resources(finding: Exported) -> list[dict[str, Any]]:
    place = finding.main.location
    found: list[dict[str, Any]] = []
    if finding.asset:
        found.append({"uid": finding.asset, "name": finding.asset, "type": "asset"})
    if isinstance(place, ResourceLocation):
        # OCSF's own attributes for these belong to its cloud profile, which an event without a provider cannot have.
        cloud = _filled({"provider": place.provider, "account": place.account, "region": place.region})
        found.append(
            _filled(
                {
                    "uid": place.resource,
                    "name": place.name,
                    "type": place.resource_type,
                    "namespace": place.namespace,
                    "data": cloud or None,
                }
            )
        )
    elif isinstance(place, HostLocation):
        named = f"{place.host}:{place.port}" if place.port else place.host
        found.append(_filled({"uid": named, "name": place.host, "type": "host", "data": _filled({"ip": place.ip})}))
    elif isinstance(place, UrlLocation):
        found.append({"uid": place.url, "name": place.url, "type": "url"})
    elif isinstance(place, CodeLocation):
        found.append({"uid": place.path, "name": place.path, "type": "file"})
    elif isinstance(place, PackageLocation):
        found.append({"uid": place.purl or place.name, "name": place.name, "type": "package"})
    return found


def _millis(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
