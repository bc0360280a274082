"""The rows of ThreatMapper's workbooks; the columns were renamed over time, so each field has several."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    code,
    compliance,
    const,
    first,
    fix,
    host,
    image,
    image_name,
    matching,
    package,
    rating,
    resource,
    secret,
    when,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import (
    HostLocation,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    ResourceLocation,
)

_VERDICTS = {
    "pass": ObservationStatus.PASSED,
    "ok": ObservationStatus.PASSED,
    "info": ObservationStatus.INFORMATIONAL,
    "note": ObservationStatus.INFORMATIONAL,
    "skip": ObservationStatus.NOT_APPLICABLE,
}
_NODE = "Node Name | node_name | host_name | host"
_TYPE = "Node Type | NodeType | node_type"


def asset(observation: Observation) -> str | None:
    """Return the asset key of the node that an observation is about."""
    for place in (observation.location, *observation.related_locations):
        if isinstance(place, HostLocation):
            return f"host:{place.host.lower()}"
        if isinstance(place, PackageLocation) and place.image is not None and place.image.name:
            return f"image:{place.image.name}"
        if isinstance(place, ResourceLocation):
            return f"image:{image_name(place.resource).name}" if place.resource_type == "image" else None
    return None


def _masked(value: Any) -> bool:
    return boolean(value) is True


def _status(masked: Any) -> ObservationStatus:
    return ObservationStatus.SUPPRESSED if _masked(masked) else ObservationStatus.OPEN


def _verdict(said: Any, masked: Any) -> Said:
    raw = words(said)
    if _masked(masked):
        return Said(ObservationStatus.SUPPRESSED, raw)
    return Said(_VERDICTS.get((raw or "").lower(), ObservationStatus.OPEN), raw)


def _is_host(kind: Any) -> bool:
    return (words(kind) or "host").lower() == "host"


def _is_image(kind: Any) -> bool:
    return "image" in (words(kind) or "").lower()


def _is_machine(kind: Any) -> bool:
    return words(kind) is not None and not _is_image(kind)


def _ecosystem(kind: Any) -> str | None:
    """Return the language of a package; those of the operating system are of the type `base`."""
    said = words(kind)
    return None if said == "base" else said


def _part(number: int) -> Any:
    """Return the name or the version of ``openssl:1.1.1k-r0``."""

    def take(said: Any) -> str | None:
        name, _, version = (words(said) or "").rpartition(":")
        return (name or version, version if name else None)[number] or None

    return call(take, "cve_caused_by_package | Caused By Package")


def _tag(said: Any) -> str | None:
    return image_name(words(said) or "").tag


def _name(said: Any) -> str | None:
    return image_name(words(said) or "").name or None


_PLACE = when(
    call(_is_host, _TYPE),
    host(host=_NODE),
    resource(resource="resource | Resource | Node Name | node_name", resource_type=_TYPE, account="cloud_account_id"),
)

_CVE = "cve_id | CVE ID"
_IMAGE = when("cve_container_image", "cve_container_image", when(call(_is_image, "Node Type"), "Node Name"))

VULNERABILITIES = Map(
    kind=Kind.CONTAINER,
    rule_id=_CVE,
    title=_CVE,
    description="cve_description | Description",
    severity="cve_severity | Severity",
    status=call(_status, "masked | Masked"),
    identifiers=_CVE,
    location=package(
        name=_part(0),
        version=_part(1),
        ecosystem=call(_ecosystem, "cve_type | Type"),
        path="cve_caused_by_package_path | Caused By Package Path",
        fixed_versions="cve_fixed_in | Fixed In",
        image=image(name=call(_name, _IMAGE), tag=call(_tag, _IMAGE)),
    ),
    related_locations=when(call(_is_machine, "Node Type"), host(host="Node Name")),
    ratings=rating(
        const("deepfence"),
        vector=matching("cve_attack_vector | Attack Vector", r"((?:CVSS:)?.*AV:.*)"),
        score="cve_cvss_score | CVSS Score | cve_overall_score | Overall Score",
        severity="cve_severity | Severity",
    ),
    references="cve_link | Link",
    last_detected_at="@timestamp",
    ignore=("scan_id", "masked", "Masked"),
)

SECRETS = Map(
    kind=Kind.SECRET,
    rule_id="Rule",
    rule_name="Name",
    title="Name | Rule",
    severity="Severity",
    status=call(_status, "Masked"),
    location=code(path="Filename"),
    related_locations=host(host="Node Name"),
    secret=secret(value="Content", type="Name | Rule"),
    ignore=("Masked", "Signature"),
)

MALWARE = Map(
    kind=Kind.MALWARE,
    rule_id="Rule Name",
    rule_name="Rule Name",
    title="Rule Name",
    description="Summary",
    severity=first("Severity", "File Severity"),
    status=call(_status, "Masked"),
    location=first(code(path="File Name"), _PLACE),
    related_locations=when("File Name", _PLACE),
    tags="Class",
    ignore=("Masked", "Node Type", "NodeType"),
)

COMPLIANCE = Map(
    kind=Kind.COMPLIANCE,
    rule_id="Control ID | test_number",
    title="Info | test_info",
    description="Description | test_desc",
    severity=by("Status | status", "verdict"),
    status=call(_verdict, "Status | status", "Masked | masked"),
    location=_PLACE,
    fix=fix(recommendation="Remediation"),
    compliance=compliance(
        standard="Compliance Standard | compliance_check_type",
        control="Control ID | test_number",
        status="Status | status",
    ),
    tags="Category | test_category",
    last_detected_at="@timestamp",
    fingerprints={"deepfence_node": "node_id"},
    ignore=("doc_id", "count"),
)
