"""The three shapes in which Wazuh shows a vulnerable package: the old API, the index of states, and alerts."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    const,
    first,
    fix,
    host,
    ident,
    join,
    package,
    rating,
    status,
    template,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_STATUS = {
    "VALID": ObservationStatus.OPEN,
    "PENDING": ObservationStatus.OPEN,
    "Active": ObservationStatus.OPEN,
    "OBSOLETE": ObservationStatus.FIXED,
    "Solved": ObservationStatus.FIXED,
}
_FIXED = re.compile(r"(?:less than|prior to|before)\s+(?!or equal)(\S+)", re.IGNORECASE)
_FORMATS = {"deb": "deb", "rpm": "rpm", "npm": "npm", "pypi": "pypi", "snap": "generic", "macports": "generic"}


def failed(error: Any, message: Any, affected: Any, items: Any) -> str | None:
    """Return what the API says when it could not answer and shows nothing."""
    return (words(message) or words(items) or "the API could not answer") if error and not affected else None


def asset_of(*names: Any) -> str | None:
    """Return the asset key of a machine by the first of its names that is one."""
    found = next((name for name in map(words, names) if name and not re.search(r"\s", name)), None)
    return f"host:{found.lower()}" if found else None


def _fixed(condition: Any) -> str | None:
    """Return ``15`` of ``Package less than 15``."""
    match = _FIXED.search(words(condition) or "")
    return match.group(1) if match else None


def _has_fix(condition: Any) -> bool | None:
    said = (words(condition) or "").lower()
    return False if "unfixed" in said else True if _fixed(condition) else None


def _score(value: Any) -> Any:
    """Return a score; 0 and negative numbers stand for none."""
    try:
        return value if value and float(value) > 0 else None
    except (TypeError, ValueError):
        return None


def _ecosystem(kind: Any, system: Any) -> str | None:
    """Return the system for its own kind of package, so that the purl says whose it is."""
    said = (words(kind) or "").lower()
    if said in {"deb", "rpm"}:
        return words(system) or said
    return _FORMATS.get(said)


def _message(title: Any, version: Any, agent: Any) -> str | None:
    said = " ".join(filter(None, (words(title), words(version))))
    return f"{said} on {words(agent)}" if words(agent) else said or None


def items(records: str) -> Map:
    """Return the map of the items of the old API at ``records``."""
    return Map(
        each=records,
        kind=Kind.HOST,
        rule_id="cve",
        title=first("title", template("{cve} affects {name} {version}")),
        message=call(_message, "title | cve", "version", "agent_name | agent_ip | agent_id"),
        severity=[by("severity"), by(call(_score, "cvss3_score"), "cvss"), by(call(_score, "cvss2_score"), "cvss2")],
        status=status("status", _STATUS),
        identifiers=ident("cve", "vendor"),
        location=package(
            name="name",
            version="version",
            affected_range="condition",
            fixed_versions=call(_fixed, "condition"),
        ),
        related_locations=host(host="agent_name | agent_ip | agent_id", ip="agent_ip"),
        ratings=(
            rating(const("nvd"), score=call(_score, "cvss3_score"), method=RatingMethod.CVSS_V31),
            rating(const("nvd"), score=call(_score, "cvss2_score"), method=RatingMethod.CVSS_V2),
            rating(const("wazuh"), severity="severity", method=RatingMethod.VENDOR),
        ),
        fix=fix(available=call(_has_fix, "condition")),
        references="external_references[]",
        asset=call(asset_of, "agent_name", "agent_ip"),
        tags="type",
        first_detected_at="detection_time",
        published_at="published",
    )


def states(records: str) -> Map:
    """Return the map of the index of states at ``records`` (Wazuh 4.8 and later)."""
    return Map(
        each=records,
        kind=Kind.HOST,
        rule_id="vulnerability.id",
        title=template("{vulnerability.id} affects {package.name} {package.version}"),
        description="vulnerability.description",
        message=template("{vulnerability.id} affects {package.name} {package.version} on {agent.name | agent.id}"),
        severity=[by("vulnerability.severity"), by("vulnerability.score.base", "cvss")],
        identifiers=ident("vulnerability.id", "vendor", source="vulnerability.scanner.source"),
        location=package(
            name="package.name",
            version="package.version",
            ecosystem=call(_ecosystem, "package.type", "host.os.platform"),
            path="package.path",
            affected_range="vulnerability.scanner.condition",
            fixed_versions=call(_fixed, "vulnerability.scanner.condition"),
        ),
        related_locations=host(host="agent.name | agent.id", ip="agent.ip | host.ip", os="host.os.full"),
        ratings=rating(
            const("nvd"),
            score=call(_score, "vulnerability.score.base"),
            version="vulnerability.score.version",
            severity="vulnerability.severity",
        ),
        references=("vulnerability.reference", "vulnerability.scanner.reference"),
        fingerprints={"wazuh": "^._id"} if records.startswith("hits") else None,
        asset=call(asset_of, "agent.name", "agent.id"),
        tags=("vulnerability.category", "agent.groups[]"),
        first_detected_at="vulnerability.detected_at",
        published_at="vulnerability.published_at",
        ignore=("@timestamp", "agent.ephemeral_id", "vulnerability.enumeration"),
    )


ALERTS = Map(
    each="[]",
    kind=Kind.HOST,
    rule_id="data.vulnerability.cve",
    title="data.vulnerability.title | rule.description",
    description="data.vulnerability.rationale",
    message=template("{rule.description} on {agent.name | agent.id}"),
    severity=[by("data.vulnerability.severity"), by("data.vulnerability.cvss.cvss3.base_score", "cvss")],
    status=status("data.vulnerability.status", _STATUS),
    identifiers=(ident("data.vulnerability.cve", "vendor"), "data.vulnerability.bugzilla_references[]"),
    cwes="data.vulnerability.cwe_reference",
    location=package(
        name="data.vulnerability.package.name",
        version="data.vulnerability.package.version",
        affected_range="data.vulnerability.package.condition",
        fixed_versions=call(_fixed, "data.vulnerability.package.condition"),
    ),
    related_locations=host(host="agent.name | agent.id", ip="agent.ip"),
    ratings=(
        rating(
            const("nvd"), score=call(_score, "data.vulnerability.cvss.cvss3.base_score"), method=RatingMethod.CVSS_V31
        ),
        rating(
            const("nvd"), score=call(_score, "data.vulnerability.cvss.cvss2.base_score"), method=RatingMethod.CVSS_V2
        ),
        rating(const("wazuh"), severity="data.vulnerability.severity", method=RatingMethod.VENDOR),
    ),
    fix=fix(available=call(_has_fix, "data.vulnerability.package.condition")),
    references=(
        "data.vulnerability.references[]",
        "data.vulnerability.reference",
        "data.vulnerability.scanner.reference",
    ),
    asset=call(asset_of, "agent.name", "agent.ip"),
    tags="rule.groups[]",
    last_detected_at="timestamp",
    published_at="data.vulnerability.published",
    ignore=("id", "timestamp", "rule.firedtimes"),
)


def _column(name: str) -> str:
    return f'"{name}"'


ROWS = Map(
    kind=Kind.HOST,
    rule_id=_column("vulnerability.id"),
    title=join(_column("vulnerability.id"), const("affects"), _column("package.name"), _column("package.version")),
    description=_column("vulnerability.description"),
    severity=[by(_column("vulnerability.severity")), by(_column("vulnerability.score.base"), "cvss")],
    identifiers=ident(_column("vulnerability.id"), "vendor", source=_column("vulnerability.scanner.source")),
    location=package(
        name=_column("package.name"),
        version=_column("package.version"),
        ecosystem=call(_ecosystem, _column("package.type"), _column("host.os.platform")),
        path=_column("package.path"),
        affected_range=_column("vulnerability.scanner.condition"),
        fixed_versions=call(_fixed, _column("vulnerability.scanner.condition")),
    ),
    related_locations=host(
        host=f"{_column('agent.name')} | {_column('agent.id')}", ip=_column("agent.ip"), os=_column("host.os.full")
    ),
    ratings=rating(
        const("nvd"),
        score=call(_score, _column("vulnerability.score.base")),
        version=_column("vulnerability.score.version"),
        severity=_column("vulnerability.severity"),
    ),
    references=(_column("vulnerability.reference"), _column("vulnerability.scanner.reference")),
    asset=call(asset_of, _column("agent.name"), _column("agent.id")),
    tags=_column("vulnerability.category"),
    first_detected_at=_column("vulnerability.detected_at"),
    published_at=_column("vulnerability.published_at"),
)
