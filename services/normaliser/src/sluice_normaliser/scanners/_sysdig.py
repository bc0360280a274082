"""Rows of Sysdig's reports: what its CSV and the JSON of its scheduled reports say."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Map,
    Reading,
    by,
    call,
    const,
    epss,
    first,
    fix,
    ident,
    image,
    image_name,
    package,
    rating,
    resource,
    several_assets,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.coerce import boolean, text
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus

_SYSTEMS = frozenset({"os", ""})
_TYPES = {
    "javascript": "npm",
    "java": "maven",
    "python": "pypi",
    "golang": "golang",
    "go": "golang",
    "ruby": "gem",
    "c#": "nuget",
}


def _ecosystem(kind: Any, system: Any) -> str | None:
    word = (text(kind) or "").strip().lower()
    if word not in _SYSTEMS:
        return _TYPES.get(word, word)
    return (text(system) or "").strip().lower().partition(" ")[0] or None


def _part(index: int) -> Any:
    def find(reference: Any) -> str | None:
        found = text(reference)
        return image_name(found)[index] if found else None

    return find


def _full(registry: Any, repository: Any) -> str | None:
    """Return the image of a registry's report, which names registry and repository apart."""
    parts = [part.strip("/ ") for part in (text(registry), text(repository)) if part]
    return "/".join(part for part in parts if part) or None


def _yes(value: Any) -> bool:
    return boolean(value) is True


def _real(version: Any) -> str | None:
    """Return a version; reports say ``None`` where there is none."""
    found = text(version)
    return None if found is None or found.strip().lower() in {"none", "n/a", "null"} else found


_NAME = "Vulnerability ID | Vulnerability Name | CVE ID | vulnName"
_PACKAGE = "Package name | Package Name | packageName"
_VERSION = "Package version | Package Version | packageVersion"
_IMAGE = "Image | Image Name | imagePullString"
_OS = "OS Name | osName"
_ACCEPTED = call(_yes, "Risk accepted | Risk Accepted | riskAccepted | vulnRiskAccepted")
_WORKLOAD = "K8S workload name | Kubernetes Workload Name | k8sWorkloadName"


def rows(each: str) -> Map:
    """Return the map of records at ``each``; the three ways of naming the columns mean the same."""
    return Map(
        each=each,
        kind=Kind.CONTAINER,
        rule_id=_NAME,
        title=template(f"{{{_NAME}}} in {{{_PACKAGE}}} {{{_VERSION}}}"),
        severity=by("Severity | Vulnerability Severity | CVE Severity | vulnSeverity"),
        status=when(_ACCEPTED, const(ObservationStatus.SUPPRESSED)),
        identifiers=(ident(_NAME, "vendor", source=const("sysdig")),),
        location=package(
            name=_PACKAGE,
            version=_VERSION,
            ecosystem=call(_ecosystem, "Package type | Package Type | packageType", _OS),
            path="Package path | Package Path | packagePath",
            fixed_versions=call(_real, "Fix version | Fix Version | vulnFixVersion"),
            image=image(
                name=first(call(_part(0), _IMAGE), call(_full, "Registry name", "Registry image repository")),
                tag=call(_part(1), _IMAGE),
                image_id="Image ID | imageId",
                os=_OS,
            ),
            reachable=call(boolean, "In use | Package In Use | packageInUse | inUse"),
        ),
        related_locations=when(
            _WORKLOAD,
            resource(
                resource=template(
                    "{K8S namespace name | Kubernetes Namespace Name | k8sNamespaceName}"
                    "/{K8S workload type | Kubernetes Workload Type | k8sWorkloadType}"
                    f"/{{{_WORKLOAD}}}"
                ),
                name=_WORKLOAD,
                resource_type="K8S workload type | Kubernetes Workload Type | k8sWorkloadType",
                provider=const("kubernetes"),
                cluster="K8S cluster name | Kubernetes Cluster Name | k8sClusterName",
                namespace="K8S namespace name | Kubernetes Namespace Name | k8sNamespaceName",
            ),
        ),
        ratings=(
            rating(
                const("sysdig"),
                vector="CVSS vector | CVSS Vector | vulnCvssVector",
                score="CVSS score | CVSS Score | vulnCvssScore",
                version="CVSS version | CVSS Version | CVSS Score Version | vulnCvssVersion",
            ),
            epss("EPSS Score | EPSS score | vulnEpssScore", "EPSS Percentile | EPSS percentile | vulnEpssPercentile"),
        ),
        fix=fix(
            recommendation=when(
                call(_real, "Package suggested fix | packageSuggestedFix"),
                template(f"upgrade {{{_PACKAGE}}} to {{Package suggested fix | packageSuggestedFix}}"),
            ),
            available=call(boolean, "Fix Available | vulnFixAvailable"),
        ),
        references=("Vuln link | CVE URL | vulnLink",),
        exploit_maturity=when(call(_yes, "Public Exploit | vulnExploitable"), const("public exploit"), const(None)),
        suppressions=when(_ACCEPTED, suppression(kind=const("external"), status=const("accepted"))),
        tags=(
            "K8S container name | Kubernetes Container Name | k8sPodContainerName",
            when("CISA KEV Publish Date | cisaKevPublishDate", const("cisa-kev")),
        ),
        published_at="Vuln Publish date | Disclosure Date | Vuln Disclosure Date | vulnDisclosureDate",
    )


OF_ROWS = CsvShape(
    columns=("Vulnerability ID", "Package name"),
    any_of=("Package suggested fix", "Image ID", "Vuln link", "Package type", "K8S cluster name"),
    weight=2,
)
OF_ROWS_2025 = CsvShape(
    columns=("Vulnerability Name", "Package Name"),
    any_of=("Vulnerability Severity", "Image Name", "Disclosure Date", "Package Type"),
    weight=2,
)
OF_CLI_ROWS = CsvShape(
    columns=("CVE ID", "Package Name"), any_of=("CVE Severity", "CVE URL", "CVSS Score Version"), weight=2
)
"""How the columns were called before and since 2025, and how the command line tool calls them."""

_COLUMNS = (
    *("Vulnerability ID", "Severity", "Package name", "Package version", "Package type", "Package path", "Image"),
    *("OS Name", "CVSS version", "CVSS score", "CVSS vector", "Vuln link", "Vuln Publish date", "Vuln Fix date"),
    *("Fix version", "Public Exploit", "K8S cluster name", "K8S namespace name", "K8S workload type"),
    *("K8S workload name", "K8S container name", "Image ID", "Package suggested fix", "In use", "Risk accepted"),
    *("Registry name", "Registry image repository", "Vulnerability Name", "Vulnerability Severity", "Image Name"),
    *("Disclosure Date", "CVE ID", "CVE Severity", "CVE URL", "CVSS Score Version", "Vuln Disclosure Date"),
    *("EPSS Score", "EPSS Percentile", "Fix Available", "Package In Use", "CISA KEV Publish Date"),
    *("Kubernetes Cluster Name", "Kubernetes Namespace Name", "Kubernetes Workload Type"),
    *("Kubernetes Workload Name", "Kubernetes Container Name"),
)
_SPELT = {column.lower(): column for column in _COLUMNS}


def read_rows(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of a table; its versions write the names of columns in capitals or not."""
    return _ROWS([{_SPELT.get(name.lower(), name): cell for name, cell in row.items()} for row in document], reading)


_ROWS = several_assets(rows("."))
