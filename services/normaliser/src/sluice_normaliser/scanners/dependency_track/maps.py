"""What Dependency-Track's findings and policy violations say; exports, API and notifications use the same words."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    const,
    epss,
    first,
    fix,
    ident,
    lookup,
    package,
    rating,
    suppression,
    template,
    vex,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_STATES = {
    "FALSE_POSITIVE": ObservationStatus.NOT_APPLICABLE,
    "NOT_AFFECTED": ObservationStatus.NOT_APPLICABLE,
    "RESOLVED": ObservationStatus.FIXED,
    "APPROVED": ObservationStatus.SUPPRESSED,
}
_VEX = {
    "EXPLOITABLE": "affected",
    "IN_TRIAGE": "under_investigation",
    "FALSE_POSITIVE": "not_affected",
    "NOT_AFFECTED": "not_affected",
    "RESOLVED": "fixed",
}
_KINDS = {"LICENSE": Kind.LICENCE, "SECURITY": Kind.SCA, "OPERATIONAL": Kind.COMPLIANCE}
_ALIASES = ("cveId", "ghsaId", "osvId", "snykId", "sonatypeId", "gsdId", "vulnDbId", "internalId", "vulnId")


def _status(state: Any, suppressed: Any) -> Said:
    said = words(state)
    known = _STATES.get((said or "").upper(), ObservationStatus.OPEN)
    if suppressed is True and known is ObservationStatus.OPEN:
        known = ObservationStatus.SUPPRESSED
    return Said(known, said or ("suppressed" if suppressed is True else None))


def _is_true(value: Any) -> bool:
    return value is True


def _package(prefix: str, **more: Any) -> Any:
    """Return the component as a package; ``prefix`` is the way to it, with its dot."""
    return package(
        name=f"{prefix}name",
        namespace=f"{prefix}group",
        version=f"{prefix}version",
        purl=f"{prefix}purl",
        cpe=f"{prefix}cpe",
        scope=f"{prefix}scope",
        direct=f"{prefix}directDependency",
        **more,
    )


def _suppression(*paths: str) -> Any:
    """Return the suppression where one of the paths is true."""
    given = suppression(
        kind=const("external"), status=const("accepted"), justification="analysis.detail | analysis.details"
    )
    return when(call(_is_true, " | ".join(paths)), given)


def findings(each: str, component: str = "component.", own: str = "vulnerability.") -> Map:
    """Return the map of the findings at ``each``; ``component`` and ``own`` are the ways to their parts."""
    return Map(
        each=each,
        kind=Kind.SCA,
        rule_id=f"{own}vulnId",
        title=first(f"{own}title", template(f"{{{own}vulnId}} in {{{component}name}} {{{component}version}}")),
        rule_name=f"{own}subtitle",
        description=f"{own}description",
        severity=[
            by(f"{own}severity", source=f"{own}source"),
            by(f"{own}cvssV3BaseScore | {own}cvssv3 | {own}cvssV4Score | {own}cvssv4", "cvss", source=f"{own}source"),
        ],
        status=call(
            _status, "analysis.state | analysisState", "analysis.isSuppressed | analysis.suppressed | suppressed"
        ),
        identifiers=(
            ident(f"{own}vulnId", "vendor", source=f"{own}source"),
            *(ident(f"{own}aliases[].{name}", "vendor") for name in _ALIASES),
            ident(f"{own}aliases[].allBySource.*", "vendor"),
            "attribution.alternateIdentifier",
        ),
        cwes=(f"{own}cweId", f"{own}cwe.cweId", f"{own}cwes[].cweId"),
        location=_package(component, affected_range=f"{own}vulnerableVersions", fixed_versions=f"{own}patchedVersions"),
        ratings=(
            rating(
                f"{own}source",
                vector=f"{own}cvssV4Vector",
                score=f"{own}cvssV4Score | {own}cvssV4BaseScore | {own}cvssv4",
                method=RatingMethod.CVSS_V4,
            ),
            rating(
                f"{own}source",
                vector=f"{own}cvssV3Vector",
                score=f"{own}cvssV3BaseScore | {own}cvssv3",
                method=RatingMethod.CVSS_V31,
            ),
            rating(
                f"{own}source",
                vector=f"{own}cvssV2Vector",
                score=f"{own}cvssV2BaseScore | {own}cvssv2",
                method=RatingMethod.CVSS_V2,
            ),
            epss(f"{own}epssScore", f"{own}epssPercentile"),
        ),
        fix=fix(recommendation=f"{own}recommendation"),
        references=("attribution.referenceUrl", f"{own}references"),
        fingerprints={"matrix": "matrix"},
        vex=vex(
            status=lookup("analysis.state | analysisState", _VEX),
            justification="analysis.justification",
            statement="analysis.detail | analysis.details",
            responses="analysis.response",
        ),
        suppressions=_suppression("analysis.isSuppressed", "analysis.suppressed", "suppressed"),
        tags="attribution.analyzerIdentity",
        first_detected_at="attribution.attributedOn",
        published_at=f"{own}published",
        ignore=(f"{own}severityRank", f"{own}cweName", f"{own}cwes"),
    )


def violations(each: str, own: str = "") -> Map:
    """Return the map of the policy violations at ``each``; ``own`` is the way to what is not the component."""
    policy = f"{own}policyCondition.policy"
    return Map(
        each=each,
        kind=lookup(f"{own}type", _KINDS, default=Kind.COMPLIANCE),
        rule_id=template(f"{{{policy}.name}}/{{{own}type}}"),
        title=template(f"{{{policy}.name}}: {{component.name}} {{component.version}}"),
        message=template(
            f"{{{own}policyCondition.subject}} {{{own}policyCondition.operator}} {{{own}policyCondition.value}}"
        ),
        severity=by(f"{policy}.violationState", "verdict"),
        status=call(_status, "analysis.analysisState | analysisState", "analysis.isSuppressed | suppressed"),
        suppressions=_suppression("analysis.isSuppressed", "suppressed"),
        location=_package("component."),
        fingerprints={"violation": f"{own}uuid"},
        first_detected_at=f"{own}timestamp",
    )
