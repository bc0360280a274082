"""The AWS Security Finding Format (schema 2018-10-08): what Security Hub and the tools that feed it write."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    code,
    compliance,
    const,
    each,
    epss,
    first,
    fix,
    host,
    ident,
    image,
    lookup,
    package,
    peek,
    rating,
    resource,
    template,
    when,
)
from sluice_normaliser.kit.shapes import arr, objs, words
from sluice_normaliser.scanners._aws import asset_of, ecosystem, image_digest_of, image_name_of, purl
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_RUNTIME = ("TTPs", "Effects", "Unusual Behaviors")
_PLATFORM = '"aws/inspector/resources/1/resourceDetails/awsEc2InstanceDetails/platform"'
_STANDARD = re.compile(r"^(?P<standard>.+?)[/ ](?P<control>[^/ ]+)$")


def _kind(types: Any, vulnerabilities: Any, resource_type: Any) -> Kind:
    said = " ".join(str(each_) for each_ in arr(types)) or str(types or "")
    if objs(vulnerabilities) or "Vulnerabilities/CVE" in said:
        if any(objs(each_.get("CodeVulnerabilities")) for each_ in objs(vulnerabilities)):
            return Kind.SAST
        about = str(resource_type)
        if "Container" in about or "Ecr" in about:
            return Kind.CONTAINER
        return Kind.HOST if "Ec2" in about else Kind.SCA
    return Kind.RUNTIME if said.startswith(_RUNTIME) else Kind.CSPM


def _status(record: Any, workflow: Any, legacy: Any, verdict: Any, verified: Any, inspector: Any) -> Said:
    """Return the state; what its provider archived or somebody resolved or suppressed is not open, whatever else."""
    table = (
        (workflow or legacy, "SUPPRESSED", ObservationStatus.SUPPRESSED),
        (verified, "FALSE_POSITIVE", ObservationStatus.SUPPRESSED),
        (inspector, "SUPPRESSED", ObservationStatus.SUPPRESSED),
        (verdict, "PASSED", ObservationStatus.PASSED),
        (verdict, "NOT_AVAILABLE", ObservationStatus.NOT_APPLICABLE),
        (workflow or legacy, "RESOLVED", ObservationStatus.FIXED),
        (inspector, "CLOSED", ObservationStatus.FIXED),
        (record, "ARCHIVED", ObservationStatus.FIXED),
        (verified, "BENIGN_POSITIVE", ObservationStatus.INFORMATIONAL),
    )
    for said, wanted, meant in table:
        if str(said or "").upper() == wanted:
            return Said(meant, words(said))
    return Said(ObservationStatus.OPEN, words(verdict) or words(record))


def _rule(control: Any, product_control: Any, rule: Any, vulnerability: Any, types: Any, generator: Any) -> str | None:
    """Return the control or the vulnerability; the generator where there is neither.

    Threat detection has one generator for all: there it is the type that tells findings apart.
    """
    named = words(control) or words(product_control) or words(rule) or words(vulnerability)
    kinds = [str(each_) for each_ in arr(types)]
    if named is None and kinds and kinds[0].startswith(_RUNTIME):
        return kinds[0]
    return named or words(generator)


def _own_words(original: Any) -> str | None:
    """Return the severity in the words of the product that found it, where it is one."""
    said = words(original)
    return said if said and said.replace(" ", "").isalpha() else None


def _standard(requirement: Any) -> str | None:
    match = _STANDARD.match(words(requirement) or "")
    return match["standard"] if match else words(requirement)


def _control(requirement: Any) -> str | None:
    match = _STANDARD.match(words(requirement) or "")
    return match["control"] if match else None


def _fixed(version: Any) -> str | None:
    """Return the version; ``NotAvailable`` says that there is none."""
    said = words(version)
    return None if said is None or said.lower().replace(" ", "") == "notavailable" else said


def _package(at: str, finding: str, platform: Any) -> Any:
    return package(
        name=f"{at}Name",
        version=f"{at}Version",
        purl=call(purl, f"{at}PackageManager", platform, f"{at}Name", f"{at}Version", f"{at}Release", f"{at}Epoch"),
        ecosystem=call(ecosystem, f"{at}PackageManager", platform),
        path=f"{at}FilePath",
        fixed_versions=call(_fixed, f"{at}FixedInVersion"),
        image=when(
            call(image_digest_of, f"{finding}Resources[0].Id"),
            image(
                name=call(image_name_of, f"{finding}Resources[0].Id"),
                digest=call(image_digest_of, f"{finding}Resources[0].Id"),
                tag=f"{finding}Resources[0].Details.AwsEcrContainerImage.ImageTags[0]",
                layer_digest=f"{at}SourceLayerHash",
            ),
        ),
    )


def _resource(at: str, finding: str) -> Any:
    return resource(
        resource=f"{at}Id",
        resource_type=f"{at}Type",
        name=f"{at}Tags.Name",
        provider=const("aws"),
        account=f"{finding}AwsAccountId",
        region=f"{at}Region | {finding}Region",
    )


def _message(title: Any, resource_id: Any) -> str | None:
    """Return the title with its resource: two findings of one title differ in nothing else."""
    return " on ".join(filter(None, (words(title), words(resource_id)))) or None


def findings(records: str) -> Map:
    """Return the map of the findings at ``records``."""
    return Map(
        each=records,
        kind=call(_kind, "Types", peek("Vulnerabilities"), "Resources[0].Type"),
        rule_id=call(
            _rule,
            "Compliance.SecurityControlId",
            "ProductFields.ControlId",
            "ProductFields.RuleId",
            "Vulnerabilities[0].Id",
            "Types",
            "GeneratorId",
        ),
        title="Title",
        description="Description",
        message=call(_message, "Title", "Resources[0].Id"),
        severity=[
            by("Severity.Label"),
            by("FindingProviderFields.Severity.Label"),
            by(call(_own_words, "Severity.Original")),
            by("Severity.Normalized", "percent"),
        ],
        confidence="Confidence",
        status=call(
            _status,
            "RecordState",
            "Workflow.Status",
            "WorkflowState",
            "Compliance.Status",
            "VerificationState",
            'ProductFields."aws/inspector/FindingStatus"',
        ),
        identifiers=(
            each("Vulnerabilities[]", ident("Id", "vendor", source="Vendor.Name")),
            "Vulnerabilities[].RelatedVulnerabilities[]",
            "Title",
        ),
        cwes=("Vulnerabilities[].CodeVulnerabilities[].Cwes[]", "Vulnerabilities[].Cwes[]"),
        location=first(
            _package("Vulnerabilities[0].VulnerablePackages[0].", "", f"ProductFields.{_PLATFORM}"),
            code(
                path="Vulnerabilities[0].CodeVulnerabilities[0].FilePath.FilePath",
                start_line="Vulnerabilities[0].CodeVulnerabilities[0].FilePath.StartLine",
                end_line="Vulnerabilities[0].CodeVulnerabilities[0].FilePath.EndLine",
                module="Resources[0].Id",
            ),
            _resource("Resources[0].", ""),
        ),
        related_locations=(
            each(
                "Vulnerabilities[].VulnerablePackages[]",
                _package("", "^^.", f"^^.ProductFields.{_PLATFORM}"),
                where=call(lambda outer, inner: bool(outer or inner), "^#key", "#key"),
            ),
            each("Resources[]", _resource("", "^.")),
            each("Resources[]", each("Details.AwsEc2Instance.IpV4Addresses[]", host(host=".", ip="."))),
            each("Resources[]", each("Details.AwsEc2Instance.IpV6Addresses[]", host(host=".", ip="."))),
        ),
        ratings=(
            rating(
                first("ProductName", const("asff")),
                score="Severity.Product",
                severity="Severity.Original | Severity.Label",
            ),
            each(
                "Vulnerabilities[].Cvss[]",
                rating(first("Source", const("cvss")), vector="BaseVector", score="BaseScore", version="Version"),
            ),
            each(
                "Vulnerabilities[]",
                rating(
                    first("Vendor.Name", const("vendor")), severity="Vendor.VendorSeverity", method=RatingMethod.VENDOR
                ),
            ),
            each("Vulnerabilities[]", epss("EpssScore")),
        ),
        fix=fix(
            recommendation="Remediation.Recommendation.Text",
            fixed_versions=each("Vulnerabilities[].VulnerablePackages[]", call(_fixed, "FixedInVersion")),
            available=lookup("Vulnerabilities[0].FixAvailable", {"YES": True, "NO": False, "PARTIAL": True}),
        ),
        references=(
            "SourceUrl",
            "Remediation.Recommendation.Url",
            "ProductFields.RecommendationUrl",
            "Vulnerabilities[].Vendor.Url",
            "Vulnerabilities[].ReferenceUrls[]",
        ),
        compliance=(
            each(
                "Compliance.RelatedRequirements[]",
                compliance(standard=call(_standard, "."), control=call(_control, "."), status="^.Compliance.Status"),
            ),
            each(
                "Compliance.AssociatedStandards[]",
                compliance(
                    standard="StandardsId", control="^.Compliance.SecurityControlId", status="^.Compliance.Status"
                ),
            ),
        ),
        evidence={"status_reason": each("Compliance.StatusReasons[]", template("{ReasonCode}: {Description}"))},
        exploit_maturity=lookup("Vulnerabilities[0].ExploitAvailable", {"YES": "available"}),
        fingerprints={"asff": "Id"},
        asset=call(asset_of, "AwsAccountId", "Resources[0].Id", "Vulnerabilities[0].Id"),
        tags=("Types[]", "FindingProviderFields.Types[]"),
        first_detected_at="FirstObservedAt | CreatedAt",
        last_detected_at="LastObservedAt | UpdatedAt",
        published_at="Vulnerabilities[0].Vendor.VendorCreatedAt",
        ignore=(
            "SchemaVersion",
            "UpdatedAt",
            "FindingProviderFields",
            "Vulnerabilities[].VulnerablePackages[].Remediation",
        ),
    )
