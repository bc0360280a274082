"""Sonatype Lifecycle (Nexus IQ Server): vulnerabilities and policy violations of an application's components."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    each,
    evidence,
    ident,
    lookup,
    package,
    rating,
    status,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -u "$USER:$TOKEN" https://iq.acme.io/api/v2/applications/shop/reports/$REPORT/raw > sonatype.json
sluice push sonatype.json --asset repo:github.com/acme/shop
```
The last part may also be `policy`, for violations of policies (waived ones count as suppressed). The result file of the
command line (`nexus-iq-cli -r result.json …`) and the webhook *Violation Alert* are read, too; other webhooks say only
that an evaluation is done: let them start these lines.
"""

_STATES = {
    "Not Applicable": ObservationStatus.NOT_APPLICABLE,
    "Open": ObservationStatus.OPEN,
    "Acknowledged": ObservationStatus.OPEN,
    "Confirmed": ObservationStatus.OPEN,
}
_ECOSYSTEMS = {"a-name": "npm", "rubygems": "gem", "golang": "golang", "conan": "conan", "cargo": "cargo"}
_REASONS = ("conditionReason", "conditionSummary", "reason", "summary")
_KINDS = {"SECURITY": Kind.SCA, "LICENSE": Kind.LICENCE, "QUALITY": Kind.QUALITY}


def _ecosystem(format_: Any) -> str | None:
    name = words(format_)
    return _ECOSYSTEMS.get(name, name) if name else None


def _component(up: str, **more: Any) -> Any:
    """Return the component, ``up`` being the way to it."""
    coordinates = f"{up}componentIdentifier.coordinates"
    return package(
        name=f"{coordinates}.artifactId | {coordinates}.packageId | {coordinates}.name | {up}displayName",
        namespace=f"{coordinates}.groupId | {coordinates}.namespace",
        version=f"{coordinates}.version",
        purl=f"{up}packageUrl",
        ecosystem=call(_ecosystem, f"{up}componentIdentifier.format"),
        direct=f"{up}dependencyData.directDependency",
        **more,
    )


def _told(constraints: Any) -> str | None:
    """Return the reasons of all conditions; the API, the command line and the webhook name them differently."""
    lines = [
        f"{words(constraint.get('constraintName')) or 'constraint'}: {said}"
        for constraint in objs(constraints)
        for name in ("conditions", "conditionFacts", "satisfiedConditions")
        for condition in objs(constraint.get(name))
        if (said := next((told for key in _REASONS if (told := words(condition.get(key)))), None))
    ]
    return "\n".join(lines) or None


def _name(display: Any, coordinates: Any) -> str | None:
    given = obj(coordinates)
    named = (words(given.get(part)) for part in ("artifactId", "packageId", "name"))
    return words(display) or next((each_ for each_ in named if each_), None)


def _title(reference: Any, display: Any, coordinates: Any) -> str | None:
    name = _name(display, coordinates)
    return f"{words(reference)} in {name}" if name else words(reference)


_ISSUES = Map(
    each="components[].securityData.securityIssues[]",
    kind=Kind.SCA,
    rule_id="reference",
    title=call(_title, "reference", "^.displayName", "^.componentIdentifier.coordinates"),
    severity=by("severity", "cvss"),
    status=status("status", _STATES),
    identifiers=ident("reference", "vendor", source="source"),
    cwes="cwe",
    location=_component("^.", path="^.pathnames[0]"),
    related_locations=each("^.pathnames[]", _component("^.", path="."), where="#key"),
    ratings=rating("cvssVectorSource | source", vector="cvssVector", score="severity", severity="threatCategory"),
    references="url",
    fingerprints={"component": "^.hash"},
    tags="^.matchState",
)

_VIOLATIONS = Map(
    each="components[].violations[]",
    kind=lookup("policyThreatCategory", _KINDS, default=Kind.COMPLIANCE),
    rule_id="policyName | policyId",
    title=template("{policyName}: {^.displayName | ^.packageUrl}"),
    message=call(_told, "constraints"),
    severity=by("policyThreatLevel", "threat-level"),
    status=when(
        "waived | grandfathered | legacyViolation", const(ObservationStatus.SUPPRESSED), const(ObservationStatus.OPEN)
    ),
    suppressions=when("waived", suppression(kind=const("policy"), status=const("accepted"))),
    identifiers=call(_told, "constraints"),
    location=_component("^.", path="^.pathnames[0]"),
    evidence=each("constraints[].conditions[]", evidence(type=const("condition"), text="conditionReason")),
    fingerprints={"violation": "policyViolationId"},
    tags="policyThreatCategory",
)


def _alerts(each_: str, up: str) -> Map:
    """Return the map of the components that a policy's alert names; ``up`` leads to the policy."""
    return Map(
        each=each_,
        kind=call(_category, f"{up}policyName"),
        rule_id=f"{up}policyName | {up}policyId",
        title=call(_alert_title, f"{up}policyName", "displayName", "componentIdentifier.coordinates"),
        message=call(_told, "constraintFacts"),
        severity=by(f"{up}threatLevel", "threat-level"),
        identifiers=call(_told, "constraintFacts"),
        location=_component("", path="pathnames[0] | pathNames[0]"),
        fingerprints={"violation": f"{up}policyViolationId", "component": "hash"},
    )


def _category(policy: Any) -> Kind:
    """Return the kind of a policy by the beginning of its name: alerts do not tell its category."""
    return _KINDS.get((words(policy) or "").partition("-")[0].upper(), Kind.COMPLIANCE)


def _alert_title(policy: Any, display: Any, coordinates: Any) -> str | None:
    return ": ".join(part for part in (words(policy), _name(display, coordinates)) if part) or None


SPEC = ScannerSpec(
    name="sonatype",
    title="Sonatype Lifecycle",
    kinds=(Kind.SCA, Kind.LICENCE, Kind.QUALITY, Kind.COMPLIANCE),
    homepage="https://www.sonatype.com/products/open-source-security-dependency-management",
    setup=_SETUP,
    aliases=("nexus_iq", "nexus-iq", "sonatype_lifecycle"),
    formats=(
        Format(
            name="sonatype-raw",
            container="json",
            detect=JsonShape(root="object", has=("components",), any_of=("matchSummary", "components[].securityData")),
            maps=(_ISSUES,),
        ),
        Format(
            name="sonatype-policy",
            container="json",
            detect=JsonShape(
                root="object", has=("components",), any_of=("application.publicId", "components[].violations"), weight=1
            ),
            scan=ScanMap(scanned_at="reportTime", commit="commitHash"),
            maps=(_VIOLATIONS,),
        ),
        Format(
            name="sonatype-cli",
            container="json",
            detect=JsonShape(root="object", has=("policyEvaluationResult.alerts",), weight=2),
            scan=ScanMap(category="applicationId"),
            maps=(_alerts("policyEvaluationResult.alerts[].trigger.componentFacts[]", "^.trigger."),),
        ),
        Format(
            name="sonatype-webhook",
            container="json",
            detect=JsonShape(root="object", has=("policyAlerts",), any_of=("application", "applicationEvaluation")),
            scan=ScanMap(complete=const(value=False), category="application.publicId"),
            maps=(_alerts("policyAlerts[].componentFacts[]", "^."),),
        ),
    ),
)
