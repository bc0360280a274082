"""The improved scan report: a part for each engine, results below their queries and packages."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    call,
    code,
    compliance,
    const,
    each,
    fix,
    ident,
    image,
    lookup,
    package,
    peek,
    rating,
    suppression,
    template,
    url,
    when,
)
from sluice_normaliser.kit.coerce import strings
from sluice_normaliser.kit.shapes import objs
from sluice_normaliser.scanners._checkmarx import flow, is_suppressed, path_of, said, sink, source
from sluice_shared.contracts.finding import Kind


def _weakness(name: Any, details: Any) -> list[str]:
    """Return the weaknesses of a vulnerability, which the report tells apart from its packages."""
    found: list[str] = []
    for each_ in objs(details):
        if name and name in {each_.get(key) for key in ("cve", "cveId", "cveName", "vulnerabilityId", "id", "name")}:
            found += strings([each_.get("cwe"), each_.get("cweId")])
    return found


_NODES = peek("nodes")
_COMMON: dict[str, Any] = {
    "severity": "severity",
    "status": call(said, "state", "status"),
    "suppressions": when(call(is_suppressed, "state"), suppression(kind=const("external"), status="state")),
    "baseline_state": lookup("status", {"new": "new", "recurrent": "unchanged", "fixed": "absent"}),
    "first_detected_at": "firstFoundDate | firstDetectionDate",
    "last_detected_at": "foundDate | lastDetectionDate",
}
_SAST = Map(
    each="scanResults.resultsList[].vulnerabilities[]",
    kind=Kind.SAST,
    rule_id="^.queryName | ^.queryId",
    rule_name="^.queryName",
    title="^.queryName",
    description="^.description",
    cwes="^.cweId",
    location=call(sink, _NODES, "destinationFileName", "destinationLine"),
    related_locations=(
        call(source, _NODES),
        code(path=call(path_of, "sourceFileName"), start_line="sourceLine", message=const("source")),
    ),
    code_flows=call(flow, _NODES),
    compliance=each("^.categories[].subCategories[]", compliance(standard="^.name", control=".")),
    fingerprints={"checkmarx_similarity": "similarityId", "checkmarx_result": "id | resultHash"},
    tags=("^.queryPath",),
    ignore=("nodes",),
    **_COMMON,
)
_IAC_PATHS = (
    "iacScanResults.technology[].queries[].resultsList[]"
    " | iacScanResults.resultsList[].technology[].queries[].resultsList[]"
    " | iacScanResults.technology[].queries[].vulnerabilities[]"
)
_IAC = Map(
    each=_IAC_PATHS,
    kind=Kind.IAC,
    rule_id="^.queryID | ^.queryId | ^.queryName",
    rule_name="^.queryName",
    title="^.queryName",
    description="^.description",
    message="actualValue",
    cwes="^.cweId",
    location=code(path=call(path_of, "fileName"), start_line="line"),
    fix=fix(recommendation="expectedValue"),
    fingerprints={"checkmarx_similarity": "similarityId | similarityID"},
    tags=("^^.name", "issueType", "category"),
    **_COMMON,
)


def _packages(part: str, inner: str, up: str, kind: Kind) -> Map:
    """Return the map of vulnerable packages; ``up`` leads from a vulnerability to its package."""
    return Map(
        each=f"{part}.packages[].{inner}",
        kind=kind,
        rule_id="cve | cveId | cveName | vulnerabilityId | id",
        title=template(
            f"{{cve | cveId | cveName | vulnerabilityId | id}} in {{{up}.packageName}} {{{up}.packageVersion}}"
        ),
        description="description",
        identifiers=(ident("cve | cveId | cveName | vulnerabilityId | id", "vendor", source=const("checkmarx")),),
        cwes=(
            "cwe",
            "cweId",
            call(_weakness, "cve | cveId | cveName | vulnerabilityId | id", peek("$.vulnerabilityDetails")),
        ),
        location=package(
            name=f"{up}.packageName",
            version=f"{up}.packageVersion",
            ecosystem=f"{up}.packageRepository | {up}.packageManager",
            fixed_versions="recommendedVersion | fixVersion",
            path=call(path_of, f"{up}.locations[0] | {up}.filePath"),
            image=when(f"{up}.imageName", image(name=f"{up}.imageName", tag=f"{up}.imageTag")),
        ),
        ratings=rating(const("checkmarx"), vector="cvssVector | vector", score="cvssScore | score"),
        references=("references[]",),
        fingerprints={"checkmarx_similarity": "similarityId"},
        published_at="publishDate | published",
        **_COMMON,
    )


_API = Map(
    each="apiSecScanResults.resultsList[]",
    kind=Kind.API,
    rule_id="riskName | name | queryName",
    title="riskName | name | queryName",
    description="description",
    location=url(url="url | endpoint", method="method | httpMethod"),
    fingerprints={"checkmarx_result": "riskId | id"},
    **_COMMON,
)

REPORT_MAPS = (
    _SAST,
    _IAC,
    _packages("scaScanResults", "packageCategory[].categoryResults[]", "^^", Kind.SCA),
    _packages("scaScanResults", "vulnerabilities[]", "^", Kind.SCA),
    _packages("containerScanResults", "packageCategory[].categoryResults[]", "^^", Kind.CONTAINER),
    _packages("containerScanResults", "vulnerabilities[]", "^", Kind.CONTAINER),
    _API,
)

LISTED = Map(
    each="vulnerabilities[]",
    kind=lookup("category", {"dependency_scanning": Kind.SCA, "container_scanning": Kind.CONTAINER}, default=Kind.SAST),
    rule_id="identifiers[0].value | cve | name",
    rule_name="identifiers[0].name",
    title="name | message | identifiers[0].name",
    description="description",
    message="message",
    severity="severity",
    confidence="confidence",
    identifiers=(ident("identifiers[].value"), ident("identifiers[].name")),
    cwes="vulnerabilityDetails.cweId",
    location=code(
        path=call(path_of, "location.file"),
        start_line="location.start_line",
        end_line="location.end_line",
        symbol="location.method | location.class",
    ),
    fix=fix(recommendation="solution"),
    references=("links[].url", "identifiers[].url"),
    fingerprints={"checkmarx_result": "id"},
)
"""What the integration with GitLab writes: GitLab's own format, spoken by Checkmarx."""
