"""What each of Mend's reports says about a vulnerability of a library."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    code,
    const,
    each,
    epss,
    first,
    fix,
    ident,
    licence,
    lookup,
    matching,
    package,
    rating,
    status,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import number, text
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_SYSTEMS = (
    ("maven", "maven"),
    ("java_archive", "maven"),
    ("gradle", "maven"),
    ("node", "npm"),
    ("npm", "npm"),
    ("java_script", "npm"),
    ("python", "pypi"),
    ("nuget", "nuget"),
    ("dot_net", "nuget"),
    ("ruby", "gem"),
    ("go_", "golang"),
    ("php", "composer"),
    ("rust", "cargo"),
    ("cargo", "cargo"),
    ("debian", "debian"),
    ("rpm", "rpm"),
    ("alpine", "alpine"),
    ("cocoapods", "cocoapods"),
    ("hex", "hex"),
)
_NAMED_BY_ARTIFACT = ("maven", "debian", "rpm", "alpine")
_STATUS = {
    "ignored": ObservationStatus.SUPPRESSED,
    "suppressed": ObservationStatus.SUPPRESSED,
    "library_removed": ObservationStatus.FIXED,
    "resolved": ObservationStatus.FIXED,
    "fixed": ObservationStatus.FIXED,
    "remediated": ObservationStatus.FIXED,
}
_VERSION = re.compile(r"(?:^|[:@\s-])v?(\d+(?:\.\w+)+(?:[+-][\w.+-]+)?)\s*$")


def is_last_page(following: Any) -> bool:
    """Return False where the answer names a next page."""
    return not text(following)


def _share(percentage: Any) -> float | None:
    found = number(percentage)
    return found / 100 if found else None


def _system(type_: Any) -> str | None:
    word = (text(type_) or "").lower()
    return next((system for begin, system in _SYSTEMS if word.startswith(begin)), None)


def _name(type_: Any, group: Any, artifact: Any, whole: Any) -> str | None:
    """Return the package's name: the artifact, or the group, where an artifact is a file with its version."""
    if (_system(type_) in _NAMED_BY_ARTIFACT or (text(type_) or "").lower().startswith("source")) and text(artifact):
        name = text(artifact) or ""
        return name.rsplit(".", 1)[0] if name.endswith((".jar", ".war", ".deb", ".rpm")) else name
    return text(group) or text(artifact) or text(whole)


def _group(type_: Any, group: Any) -> str | None:
    return text(group) if _system(type_) == "maven" else None


def _fixed(type_: Any, resolution: Any) -> list[str]:
    """Return the versions in ``Upgrade to version 3.6.0`` or ``org.acme:kit:1.2,org.acme:kit:2.0``."""
    if (text(type_) or "").upper() != "UPGRADE_VERSION":
        return []
    found = (_VERSION.search(part) for part in re.split(r"[,;]", text(resolution) or ""))
    return list(dict.fromkeys(match.group(1) for match in found if match))


def _advice(message: Any, resolution: Any) -> str | None:
    said, more = text(message), text(resolution)
    if said and more and not more.startswith(said):
        return f"{said}: {more}"
    return more or said


def _vulnerability(path: str, library: str, **more: Any) -> Map:
    """Return the map of a vulnerability in the old report, whose library stands at ``library``."""
    return Map(
        each=path,
        kind=Kind.SCA,
        rule_id="name",
        title=template(f"{{name}} in {{{library}.name}}"),
        description="description",
        severity=[by("cvss3_severity"), by("severity")],
        status=status("status", _STATUS),
        identifiers=(ident("name", "vendor", source=const("mend")),),
        location=package(
            name=call(_name, f"{library}.type", f"{library}.groupId", f"{library}.artifactId", f"{library}.name"),
            namespace=call(_group, f"{library}.type", f"{library}.groupId"),
            version=f"{library}.version",
            ecosystem=call(_system, f"{library}.type"),
            fixed_versions=call(_fixed, "topFix.type", "topFix.fixResolution"),
            path=f"{library}.path | {library}.filename | {library}.localPath",
            direct=f"{library}.directDependency",
        ),
        related_locations=(
            each("sourceFiles[]", code(path="localPath | name")),
            each("locations[]", code(path="path")),
        ),
        ratings=(
            rating(
                const("mend"),
                vector="scoreMetadataVector",
                score="cvss3_score",
                severity="cvss3_severity",
                method=RatingMethod.CVSS_V3,
            ),
            rating(const("mend"), score="score", severity="severity", method=RatingMethod.CVSS_V2),
        ),
        fix=fix(recommendation=call(_advice, "topFix.message", "topFix.fixResolution")),
        references=("url", "topFix.url", "allFixes[].url", "references[].url"),
        fingerprints={"mend_library": f"{library}.keyUuid", "sha1": f"{library}.sha1"},
        first_detected_at="date | detectedAt",
        published_at="publishDate",
        **more,
    )


VULNERABILITIES = _vulnerability("libraries[].vulnerabilities[]", "^")
LISTED = _vulnerability("vulnerabilities[]", "library", tags=("project", "product"))
ALERTS = _vulnerability("alerts[].vulnerability", "^.library", tags=("^.type", "^.projectName", "^.productName"))
POLICIES = Map(
    each="libraries[].policyViolations[]",
    kind=Kind.LICENCE,
    rule_id="policyName | name | type",
    title=template("{policyName | name} broken by {^.name}"),
    description="description",
    location=package(
        name=call(_name, "^.type", "^.groupId", "^.artifactId", "^.name"),
        namespace=call(_group, "^.type", "^.groupId"),
        version="^.version",
        ecosystem=call(_system, "^.type"),
    ),
    licence=licence(name="^.licenses[0].name"),
)

_C = "component"
_INFO = "findingInfo"
FINDINGS = Map(
    each="response[]",
    kind=lookup(
        "type",
        {"SECURITY_VULNERABILITY": Kind.SCA, "LICENSE_POLICY": Kind.LICENCE, "LICENSE": Kind.LICENCE},
        default=Kind.SCA,
    ),
    rule_id="name | vulnerability.name",
    title=first(when(f"{_C}.name", template(f"{{name}} in {{{_C}.name}}")), "name"),
    description="vulnerability.description",
    severity=[by("vulnerability.severity"), by("severity")],
    status=status(f"{_INFO}.status", _STATUS),
    identifiers=(ident("vulnerability.name | name", "vendor", source=const("mend")),),
    cwes=("vulnerability.cwe", "vulnerability.cwes[].id", "vulnerability.cwes[]"),
    location=package(
        name=call(_name, f"{_C}.libraryType", f"{_C}.groupId", f"{_C}.artifactId", f"{_C}.name"),
        namespace=call(_group, f"{_C}.libraryType", f"{_C}.groupId"),
        version=f"{_C}.version",
        ecosystem=call(_system, f"{_C}.libraryType"),
        fixed_versions=call(_fixed, "topFix.type", "topFix.fixResolution"),
        path=f"{_C}.path",
        direct=lookup(f"{_C}.dependencyType", {"direct": True, "transitive": False}),
        reachable=lookup("effective", {"RED_SHIELD": True, "YELLOW_SHIELD": True, "GREEN_SHIELD": False}),
    ),
    ratings=(
        rating(
            const("mend"),
            vector="scoreMetadataVector",
            score="vulnerability.score",
            severity="vulnerability.severity",
            version=matching("vulnerability.type", r"CVSS_(\d)"),
        ),
        each("vulnerability.vulnerabilityScoring[]", rating(const("mend"), score="score", severity="severity")),
        epss(call(_share, "threatAssessment.epssPercentage")),
    ),
    fix=fix(recommendation=call(_advice, "topFix.message", "topFix.fixResolution")),
    references=("topFix.url", f"{_C}.references.homePage", "vulnerability.references[].url"),
    exploit_maturity="threatAssessment.exploitCodeMaturity",
    suppressions=when(
        call(lambda said: str(said).upper() in {"IGNORED", "SUPPRESSED"}, f"{_INFO}.status"),
        suppression(
            kind=const("external"), status=f"{_INFO}.status", justification=f"{_INFO}.comment.comment | {_INFO}.comment"
        ),
    ),
    fingerprints={"mend_finding": "uuid", "mend_component": f"{_C}.uuid"},
    tags=("type", "project.name", "application.name"),
    first_detected_at=f"{_INFO}.detectedAt",
    last_detected_at=f"{_INFO}.modifiedAt",
    published_at="vulnerability.publishDate",
)
