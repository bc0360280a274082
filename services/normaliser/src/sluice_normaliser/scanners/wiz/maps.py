"""Issues as exported, as pushed and as the API gives them; and the export of vulnerability findings."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    const,
    evidence,
    first,
    fix,
    host,
    ident,
    lookup,
    package,
    rating,
    resource,
    split,
    status,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_STATUS = {
    "OPEN": ObservationStatus.OPEN,
    "IN_PROGRESS": ObservationStatus.OPEN,
    "RESOLVED": ObservationStatus.FIXED,
    "REJECTED": ObservationStatus.SUPPRESSED,
    "IGNORED": ObservationStatus.SUPPRESSED,
}
_CLOUDS = {
    **{name: name for name in ("aws", "azure", "gcp", "oci", "alibaba", "kubernetes", "vsphere", "github", "gitlab")},
    "google cloud": "gcp",
    "google cloud platform": "gcp",
    "eks": "aws",
    "aks": "azure",
    "gke": "gcp",
}
_SUBSCRIPTION = re.compile(r"[\w.-]+")


def _asset(cloud: Any, subscription: Any) -> str | None:
    """Return the asset of a subscription; of a cluster the cloud is not named, so it belongs to the push's asset."""
    name, number = _CLOUDS.get((words(cloud) or "").lower()), words(subscription)
    if name in {None, "kubernetes", "vsphere", "github", "gitlab"} or not number or not _SUBSCRIPTION.fullmatch(number):
        return None
    return f"cloud:{name}/{number}"


def _rejected(said: Any) -> bool:
    return (words(said) or "").upper() in {"REJECTED", "IGNORED"}


def _host_asset(cloud: Any, subscription: Any, type_: Any, name: Any) -> str | None:
    """Return the machine itself where a finding is about one, so that two machines' packages stay apart."""
    about, machine = (words(type_) or "").upper(), words(name)
    if (
        about in {"VIRTUAL_MACHINE", "VIRTUAL MACHINE", "COMPUTE_INSTANCE"}
        and machine
        and not re.search(r"\s", machine)
    ):
        return f"host:{machine.lower()}"
    return _asset(cloud, subscription)


def _kind(type_: Any) -> Kind:
    about = (words(type_) or "").upper()
    if "CONTAINER" in about or "IMAGE" in about:
        return Kind.CONTAINER
    return Kind.SCA if "SERVERLESS" in about or "REPOSITORY" in about else Kind.HOST


ISSUES = Map(
    kind=Kind.CSPM,
    rule_id="Control ID | Title",
    rule_name="Title",
    title="Title",
    description="Description",
    message=template("{Title} on {Resource Name | Resource external ID}"),
    severity="Severity",
    status=status("Status", _STATUS),
    identifiers="Title",
    location=resource(
        resource="Resource external ID | Resource Name",
        resource_type="Resource Type",
        name="Resource Name",
        provider=first(lookup("Resource Platform", _CLOUDS), "Resource Platform"),
        account="Subscription ID",
        region="Resource Region",
        cluster="Kubernetes Cluster",
        namespace="Kubernetes Namespace",
    ),
    fix=fix(recommendation="Remediation Recommendation"),
    references=("Wiz URL", "Cloud Provider URL", split("Ticket URLs")),
    evidence=(
        evidence(type=const("resource"), text="Resource original JSON"),
        evidence(type=const("note"), text="Note"),
    ),
    suppressions=when(
        call(_rejected, "Status"),
        suppression(kind=const("external"), status=const("accepted"), justification="Resolution | Note"),
    ),
    fingerprints={"wiz_issue": "Issue ID"},
    asset=call(_asset, "Resource Platform", "Subscription ID"),
    tags=(split("Project Names"), split("Projects")),
    first_detected_at="Created At",
)

FINDINGS = Map(
    kind=call(_kind, "AssetType | Type"),
    rule_id="Name",
    title=template("{Name} in {DetailedName} {Version}"),
    description="Description | CVEDescription",
    message=template("{Name} in {DetailedName} {Version} on {AssetName}"),
    severity=[by("Severity"), by("VendorSeverity"), by("NvdSeverity"), by("CVSSSeverity")],
    status=status("FindingStatus | Finding Status", _STATUS),
    identifiers=ident("Name", "vendor"),
    location=package(
        name="DetailedName",
        version="Version",
        path="LocationPath",
        fixed_versions="FixedVersion",
    ),
    related_locations=(
        resource(
            resource="ProviderUniqueId | AssetID",
            resource_type="AssetType | Type",
            name="AssetName",
            provider=first(lookup("CloudPlatform", _CLOUDS), "CloudPlatform"),
            account="SubscriptionExternalId | SubscriptionId",
            region="AssetRegion",
        ),
        host(
            host=call(lambda found: (words(found) or "").split(",")[0].strip() or None, "IpAddresses"),
            os="OperatingSystem",
        ),
    ),
    ratings=(
        rating(const("wiz"), score="Score", severity="Severity"),
        rating(const("vendor"), severity="VendorSeverity", method=RatingMethod.VENDOR),
        rating(const("cvss"), severity="CVSSSeverity", method=RatingMethod.OTHER),
        rating(const("nvd"), severity="NvdSeverity", method=RatingMethod.VENDOR),
    ),
    fix=fix(recommendation="Remediation"),
    references=("Link", "WizURL", "CloudProviderURL"),
    suppressions=when(
        call(_rejected, "FindingStatus"),
        suppression(kind=const("external"), status=const("accepted"), justification="ResolutionReason"),
    ),
    exploit_maturity=lookup("HasCisaKevExploit", {"true": "known exploited"}, default=None),
    fingerprints={"wiz_finding": "ID"},
    asset=call(
        _host_asset, "CloudPlatform", "SubscriptionExternalId | SubscriptionId", "AssetType | Type", "AssetName"
    ),
    tags=(split("Projects"), "DetectionMethod"),
    first_detected_at="FirstDetected",
    last_detected_at="LastDetected",
)

AUTOMATION = Map(
    each="[]",
    kind=Kind.CSPM,
    rule_id="control.id | control.name",
    rule_name="control.name",
    title="control.name",
    description="control.description | issue.description",
    message=template("{control.name} on {resource.name | resource.id}"),
    severity=[by("issue.severity"), by("control.severity")],
    status=status("issue.status", _STATUS),
    location=resource(
        resource="resource.providerId | resource.id | resource.name",
        resource_type="resource.type",
        name="resource.name",
        provider=first(lookup("resource.cloudPlatform", _CLOUDS), "resource.cloudPlatform"),
        account="resource.subscriptionId",
        region="resource.region",
    ),
    fix=fix(recommendation="control.resolutionRecommendation"),
    references=("issue.url", "resource.cloudProviderURL"),
    fingerprints={"wiz_issue": "issue.id"},
    asset=call(_asset, "resource.cloudPlatform", "resource.subscriptionId"),
    tags=split("issue.projects"),
    first_detected_at="issue.created",
    ignore=("trigger",),
)


def issue_nodes(records: str) -> Map:
    """Return the map of issues as the API gives them."""
    return Map(
        each=records,
        kind=Kind.CSPM,
        rule_id="sourceRule.id | control.id",
        rule_name="sourceRule.name | control.name",
        title="sourceRule.name | control.name",
        description="sourceRule.controlDescription | sourceRule.description | control.description | description",
        message=template("{sourceRule.name | control.name} on {entitySnapshot.name}"),
        severity="severity",
        status=status("status", _STATUS),
        location=resource(
            resource="entitySnapshot.externalId | entitySnapshot.providerId | entitySnapshot.id | entitySnapshot.name",
            resource_type="entitySnapshot.nativeType | entitySnapshot.type",
            name="entitySnapshot.name",
            provider=first(lookup("entitySnapshot.cloudPlatform", _CLOUDS), "entitySnapshot.cloudPlatform"),
            account="entitySnapshot.subscriptionExternalId",
            region="entitySnapshot.region",
        ),
        fix=fix(
            recommendation="sourceRule.resolutionRecommendation | sourceRule.remediationInstructions "
            "| control.resolutionRecommendation",
        ),
        references=("url", "entitySnapshot.cloudProviderURL", "serviceTickets[].url"),
        suppressions=when(
            call(_rejected, "status"),
            suppression(kind=const("external"), status=const("accepted"), justification="resolutionReason"),
        ),
        fingerprints={"wiz_issue": "id"},
        asset=call(_asset, "entitySnapshot.cloudPlatform", "entitySnapshot.subscriptionExternalId"),
        tags=("projects[].name", "type"),
        first_detected_at="createdAt",
        last_detected_at="statusChangedAt",
        ignore=("updatedAt",),
    )


def finding_nodes(records: str) -> Map:
    """Return the map of vulnerability findings as the API gives them."""
    asset, account = "vulnerableAsset", "vulnerableAsset.subscriptionExternalId | vulnerableAsset.subscriptionId"
    return Map(
        each=records,
        kind=call(_kind, f"{asset}.type"),
        rule_id="name",
        title=template("{name} in {detailedName} {version}"),
        description="CVEDescription | description",
        message=template("{name} in {detailedName} {version} on {" + asset + ".name}"),
        severity=[by("severity"), by("vendorSeverity"), by("nvdSeverity"), by("CVSSSeverity")],
        status=status("status", _STATUS),
        identifiers=ident("name", "vendor"),
        location=package(
            name="detailedName", version="version", path="locationPath | filePath", fixed_versions="fixedVersion"
        ),
        related_locations=(
            resource(
                resource=f"{asset}.providerUniqueId | {asset}.id",
                resource_type=f"{asset}.type",
                name=f"{asset}.name",
                provider=first(lookup(f"{asset}.cloudPlatform", _CLOUDS), f"{asset}.cloudPlatform"),
                account=account,
                region=f"{asset}.region",
            ),
            host(host=f"{asset}.ipAddresses[0]", os=f"{asset}.operatingSystem"),
        ),
        ratings=(
            rating(const("wiz"), score="score", severity="severity"),
            rating(const("vendor"), severity="vendorSeverity", method=RatingMethod.VENDOR),
            rating(const("nvd"), severity="nvdSeverity", method=RatingMethod.VENDOR),
            rating(const("cvss"), severity="CVSSSeverity", method=RatingMethod.OTHER),
        ),
        fix=fix(recommendation="remediation"),
        references=("link", "portalUrl", f"{asset}.cloudProviderURL"),
        suppressions=when(
            call(_rejected, "status"),
            suppression(kind=const("external"), status=const("accepted"), justification="resolutionReason"),
        ),
        exploit_maturity=lookup("hasCisaKevExploit", {"true": "known exploited"}, default=None),
        fingerprints={"wiz_finding": "id"},
        asset=call(_host_asset, f"{asset}.cloudPlatform", account, f"{asset}.type", f"{asset}.name"),
        tags=("projects[].name", "detectionMethod"),
        first_detected_at="firstDetectedAt",
        last_detected_at="lastDetectedAt",
    )
