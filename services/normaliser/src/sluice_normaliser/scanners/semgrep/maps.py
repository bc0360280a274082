"""What Semgrep's results and its supply chain findings say."""

from typing import Any

import orjson

from sluice_normaliser.kit import (
    Map,
    Reading,
    by,
    call,
    code,
    const,
    each,
    first,
    fix,
    ident,
    lookup,
    package,
    peek,
    secret,
    suppression,
    template,
    when,
)
from sluice_normaliser.scanners.semgrep.trace import code_flow
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

SENTINEL = "requires login"
"""What Semgrep writes for lines and fingerprints when nobody is logged in."""

_VALIDATION = {"confirmed_valid": True, "confirmed_invalid": False}


def _is_secret(check_id: Any, metadata: Any) -> bool:
    about = metadata if isinstance(metadata, dict) else {}
    words = about.get("technology")
    technologies = words if isinstance(words, list) else [words]
    return "secrets" in technologies or ".secrets." in str(check_id) or about.get("category") == "secrets"


def kind_of(check_id: Any, metadata: Any, supply_chain: Any) -> Kind:
    """Return the kind of a finding by its rule: of a dependency, a secret, quality or security of code."""
    if supply_chain:
        return Kind.SCA
    if _is_secret(check_id, metadata):
        return Kind.SECRET
    category = metadata.get("category") if isinstance(metadata, dict) else None
    return Kind.QUALITY if category in _QUALITY else Kind.SAST


_QUALITY = frozenset({"correctness", "performance", "maintainability", "best-practice", "portability", "caching"})


def _real(value: Any) -> Any:
    return None if value == SENTINEL else value


def short(check_id: Any) -> str:
    """Return ``dangerous-exec`` of ``python.lang.security.dangerous-exec.dangerous-exec``."""
    return str(check_id or "").rpartition(".")[2].replace("-", " ").replace("_", " ").strip()


def _fixed(versions: Any, name: Any) -> list[str]:
    """Return the fixed versions of a package from ``[{"lodash": "4.17.21"}]``."""
    found = versions if isinstance(versions, list) else []
    return [str(each[name]) for each in found if isinstance(each, dict) and name in each]


def _ecosystem(advisory: Any, rule: Any, name: Any) -> Any:
    """Return the ecosystem of the package that was matched; the advisory's own is that of the first it is about."""
    try:
        read = orjson.loads(rule) if isinstance(rule, str) else {}
    except orjson.JSONDecodeError:
        return advisory
    depends = read.get("r2c-internal-project-depends-on") if isinstance(read, dict) else None
    choices = depends.get("depends-on-either", [depends]) if isinstance(depends, dict) else []
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and choice.get("package") == name:
            return choice.get("namespace") or advisory
    return advisory


def _drop_sentinel(observation: Observation, _: Any, __: Reading) -> Observation:
    for step in (step for flow in observation.code_flows for step in flow):
        step.snippet = _real(step.snippet)
    return observation


_CODE = code(
    path="path",
    start_line="start.line",
    start_column="start.col",
    end_line="end.line",
    end_column="end.col",
    char_offset="start.offset",
    char_length=call(
        lambda start, end: end - start if isinstance(start, int) and isinstance(end, int) else None,
        "start.offset",
        "end.offset",
    ),
    snippet=call(_real, "extra.lines"),
    commit="extra.historical_info.git_commit",
)
_FOUND = "extra.sca_info.dependency_match.found_dependency"

RESULTS = Map(
    each="results[]",
    kind=call(kind_of, "check_id", peek("extra.metadata"), peek("extra.sca_info")),
    rule_id="check_id",
    rule_name=call(short, "check_id"),
    title=call(short, "check_id"),
    message="extra.message",
    severity=by("extra.severity", "levels"),
    confidence="extra.metadata.confidence",
    status=when("extra.is_ignored", const(ObservationStatus.SUPPRESSED)),
    identifiers=(
        "extra.metadata.cve",
        ident("extra.metadata.sca-vuln-database-identifier", "vendor"),
        ident("extra.metadata.owasp", "owasp"),
    ),
    cwes="extra.metadata.cwe",
    location=first(
        package(
            name=f"{_FOUND}.package",
            version=f"{_FOUND}.version",
            ecosystem=f"{_FOUND}.ecosystem",
            path=f"{_FOUND}.lockfile_path | extra.sca_info.dependency_match.lockfile",
            line=f"{_FOUND}.line_number",
            affected_range="extra.sca_info.dependency_match.dependency_pattern.semver_range",
            direct=lookup(f"{_FOUND}.transitivity", {"direct": True, "transitive": False}),
            reachable="extra.sca_info.reachable",
            fixed_versions=call(_fixed, "extra.metadata.sca-fix-versions", f"{_FOUND}.package"),
        ),
        _CODE,
    ),
    related_locations=when(f"{_FOUND}.package", when("extra.sca_info.reachable", _CODE)),
    code_flows=call(code_flow, "extra.dataflow_trace"),
    fix=fix(patch="extra.fix | extra.rendered_fix"),
    references=("extra.metadata.references", "extra.metadata.source", "extra.metadata.source-rule-url"),
    secret=when(
        call(_is_secret, "check_id", peek("extra.metadata")),
        secret(
            type=call(short, "check_id"),
            verified=lookup("extra.validation_state", _VALIDATION),
            commit="extra.historical_info.git_commit",
            committed_at="extra.historical_info.git_commit_timestamp",
        ),
    ),
    suppressions=when(
        "extra.is_ignored",
        suppression(kind=const("in_source"), status=const("accepted"), justification=const("nosemgrep")),
    ),
    fingerprints={"semgrep": "extra.fingerprint", "semgrep_match_based_id": "extra.match_based_id"},
    tags=("extra.metadata.category", "extra.metadata.subcategory", "extra.metadata.technology"),
    published_at="extra.metadata.publish-date",
    then=_drop_sentinel,
)

SUPPLY_CHAIN = Map(
    each="vulns[]",
    kind=Kind.SCA,
    rule_id="advisory.ruleId",
    title="title | advisory.title",
    description="advisory.description",
    severity="advisory.severity",
    status=lookup(
        "triage.status",
        {"closed": ObservationStatus.FIXED, "fixed": ObservationStatus.FIXED, "ignored": ObservationStatus.SUPPRESSED},
    ),
    identifiers=("advisory.references.cveIds", ident("advisory.references.owaspIds", "owasp")),
    cwes="advisory.references.cweIds",
    location=package(
        name="matchedDependency.name",
        version="matchedDependency.versionSpecifier",
        ecosystem=call(_ecosystem, "advisory.ecosystem", "advisory.ruleText", "matchedDependency.name"),
        path="dependencyFileLocation.path",
        line="dependencyFileLocation.startLine",
        affected_range="advisory.vulnerableDependencies[0].versionSpecifier",
        fixed_versions="closestSafeDependency.versionSpecifier",
        direct=lookup("transitivity", {"direct": True, "transitive": False}),
        reachable=lookup("exposureType", {"reachable": True, "unreachable": False}),
    ),
    related_locations=each(
        "usages[]",
        code(
            path="location.path",
            start_line="location.startLine",
            start_column="location.startCol",
            end_line="location.endLine",
            end_column="location.endCol",
        ),
    ),
    fix=fix(action=template("upgrade {closestSafeDependency.name} to {closestSafeDependency.versionSpecifier}")),
    references=("advisory.references.urls", "dependencyFileLocation.url"),
    suppressions=when(
        call(lambda status: status == "IGNORED", "triage.status"),
        suppression(kind=const("external"), justification="triage.dismissReason"),
    ),
    fingerprints={"semgrep_group": "groupKey"},
    first_detected_at="openedAt",
    published_at="advisory.announcedAt",
    tags=("packageManager",),
)
