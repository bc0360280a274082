"""GitLab's security reports: one schema for all of its analysers, told apart by ``scan.type``.

Source: gitlab-org/security-products/security-report-schemas, versions 2 to 15.
"""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    call,
    code,
    const,
    each,
    first,
    fix,
    package,
    rating,
    reference,
    resource,
    secret,
    status,
    step,
    suppression,
    template,
    url,
    when,
)
from sluice_normaliser.scanners import _gitlab_parts as parts
from sluice_shared.contracts.finding import Kind, ObservationStatus

_STATES = {
    "detected": ObservationStatus.OPEN,
    "confirmed": ObservationStatus.OPEN,
    "dismissed": ObservationStatus.SUPPRESSED,
    "resolved": ObservationStatus.FIXED,
}


_PACKAGE = "location.dependency"
LOCATIONS: dict[Kind, Any] = {
    Kind.SAST: code(
        path="location.file",
        start_line="location.start_line",
        end_line="location.end_line",
        symbol=template("{location.class}.{location.method}"),
        module="location.module",
        snippet="source_code_extract",
        commit="location.commit.sha",
    ),
    Kind.SCA: package(
        name=f"{_PACKAGE}.package.name",
        version=f"{_PACKAGE}.version",
        ecosystem=call(parts.ecosystem, "identifiers", "location.file", "$.dependency_files"),
        fixed_versions=call(parts.fixed, "solution"),
        path="location.file",
        direct=f"{_PACKAGE}.direct",
    ),
    Kind.CONTAINER: package(
        name=f"{_PACKAGE}.package.name",
        version=f"{_PACKAGE}.version",
        ecosystem=call(parts.distribution, "location.operating_system", f"{_PACKAGE}.package.name"),
        fixed_versions=call(parts.fixed, "solution"),
        path="location.file",
        image=call(parts.image, "location.image", "location.operating_system"),
    ),
    Kind.DAST: url(
        url=call(parts.address, "location.hostname", "location.path"),
        method="location.method",
        parameter="location.param",
        status_code="evidence.response.status_code",
    ),
}
LOCATIONS[Kind.SECRET] = LOCATIONS[Kind.SAST]


_CLUSTER = resource(
    resource=template(
        "{location.kubernetes_resource.namespace}/{location.kubernetes_resource.kind}/{location.kubernetes_resource.name}"
    ),
    resource_type="location.kubernetes_resource.kind",
    name="location.kubernetes_resource.name",
    provider=const("kubernetes"),
    namespace="location.kubernetes_resource.namespace",
    cluster="location.kubernetes_resource.cluster_id",
)


def records(kind: Kind, path: str = "vulnerabilities[]") -> Map:
    """Return the map of the vulnerabilities of a report of one kind."""
    hidden: dict[str, Any] = {}
    if kind is Kind.SECRET:
        hidden["secret"] = secret(
            value="raw_source_code_extract",
            type=call(parts.rule, "identifiers"),
            commit="location.commit.sha",
            author="location.commit.author",
            committed_at="location.commit.date",
        )
    return Map(
        each=path,
        kind=kind,
        rule_id=call(parts.rule, "identifiers"),
        rule_name=call(parts.rule_name, "identifiers"),
        title=first("name", "message", template("{identifiers[0].name} in {location.dependency.package.name}")),
        description="description",
        message="message",
        severity="severity",
        confidence="confidence",
        identifiers=(call(parts.identifiers, "identifiers"), "cve"),
        location=first(LOCATIONS[kind], code(path="location.file", start_line="location.start_line")),
        related_locations=when("location.kubernetes_resource", _CLUSTER),
        code_flows=each(
            "details.*.items[]",
            each(
                "[]",
                step(
                    path="file_location.file_name",
                    start_line="file_location.line_start",
                    end_line="file_location.line_end",
                    message="node_type",
                ),
            ),
        ),
        ratings=each("cvss_vectors[]", rating("vendor", vector="vector")),
        fix=fix(recommendation="solution", patch=call(parts.patch, "id", "cve", "$.remediations")),
        references=(
            each("links[]", reference(url="url", title="name")),
            call(lambda listed: [each_.url for each_ in parts.identifiers(listed) if each_.url], "identifiers"),
        ),
        evidence={
            "output": "evidence.summary",
            "request": call(parts.message, "evidence.request"),
            "response": call(parts.message, "evidence.response"),
        },
        fingerprints=call(parts.fingerprints, "id", "cve", "tracking"),
        first_detected_at="discovered_at",
        tags="flags[].type",
        ignore=("category", "scanner"),
        then=parts.by_analyser,
        **hidden,
    )


def hook(kind: Kind) -> Map:
    """Return the map of a *Vulnerability Hook*."""
    return Map(
        each="object_attributes",
        kind=kind,
        rule_id=call(parts.rule, "identifiers"),
        rule_name=call(parts.rule_name, "identifiers"),
        title="title",
        description="description",
        severity="severity",
        confidence="confidence",
        status=status("state", _STATES),
        identifiers=call(parts.identifiers, "identifiers"),
        location=first(LOCATIONS[kind], code(path="location.file", start_line="location.start_line")),
        ratings=each("cvss[]", rating("vendor", vector="vector")),
        references=(
            "url",
            call(lambda listed: [each_.url for each_ in parts.identifiers(listed) if each_.url], "identifiers"),
        ),
        suppressions=when(
            "dismissed_at",
            suppression(kind=const("external"), status=const("accepted"), justification="dismissal_reason"),
        ),
        fingerprints={"gitlab_vulnerability": "url"},
        first_detected_at="created_at",
        ignore=("project_id", "report_type"),
    )


_AT = "vulnerabilities[].location."
_PLACES = {
    Kind.SAST: (f"{_AT}start_line",),
    Kind.SECRET: ("vulnerabilities[].raw_source_code_extract", f"{_AT}commit.author"),
    Kind.SCA: (f"{_AT}dependency",),
    Kind.CONTAINER: (f"{_AT}image", f"{_AT}operating_system"),
    Kind.DAST: (f"{_AT}hostname",),
}
"""What tells the kind of a report that names none: where its vulnerabilities are."""
_NOT_OF = dict.fromkeys(_PLACES, ()) | {Kind.SAST: _PLACES[Kind.SECRET], Kind.SCA: _PLACES[Kind.CONTAINER]}


def formats(name: str, kind: Kind, scan_type: str) -> tuple[Format, ...]:
    """Return the formats of a kind of report, which GitLab calls ``scan_type``.

    Before version 3 there was no ``scan``, and the vulnerabilities alone say what they are of.
    """
    return (
        Format(
            name=f"{name}-15",
            container="json",
            detect=JsonShape(
                root="object", has=("vulnerabilities",), match={"scan.type": f"^({scan_type})$"}, weight=2
            ),
            scan=ScanMap(
                name="scan.scanner.name",
                version="scan.scanner.version",
                scanned_at="scan.end_time | scan.start_time",
                complete=call(lambda partial: partial is None, "scan.partial_scan"),
                failure=call(parts.failure, "scan", "vulnerabilities"),
                refuse=call(parts.refusal, "scan", "vulnerabilities"),
            ),
            maps=(records(kind),),
        ),
        Format(
            name=f"{name}-2",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("version", "vulnerabilities[].identifiers", "vulnerabilities[].location"),
                match={"vulnerabilities[].category": f"^({scan_type})$"},
            ),
            maps=(records(kind),),
        ),
        Format(
            name=f"{name}-untyped",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].identifiers",),
                any_of=_PLACES[kind],
                lacks=("vulnerabilities[].category", "scan.type", "bomFormat", *_NOT_OF[kind]),
                weight=-2 if "fuzzing" in scan_type else -1,
            ),
            maps=(records(kind),),
        ),
        Format(
            name=f"{name}-clean",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=("version", "schema"),
                only=("version", "schema", "vulnerabilities", "remediations", "dependency_files", "__comment__"),
                lacks=("vulnerabilities[]",),
                weight=-5,
            ),
            maps=(records(kind),),
        ),
        Format(
            name=f"{name}-hook",
            container="json",
            detect=JsonShape(
                root="object",
                match={"object_kind": "^vulnerability$", "object_attributes.report_type": f"^({scan_type})$"},
            ),
            scan=ScanMap(complete=False),
            maps=(hook(kind),),
        ),
    )
