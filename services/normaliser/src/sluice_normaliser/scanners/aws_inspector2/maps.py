"""What each kind of Inspector's findings says; a finding is about one resource, and may name several packages."""

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
    host,
    ident,
    image,
    lookup,
    package,
    peek,
    rating,
    resource,
    split,
    status,
    template,
    when,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners._aws import asset_of, ecosystem, image_digest_of, image_name_of, purl
from sluice_shared.contracts.finding import Kind, ObservationStatus, RatingMethod

_STATUS = {
    "ACTIVE": ObservationStatus.OPEN,
    "SUPPRESSED": ObservationStatus.SUPPRESSED,
    "CLOSED": ObservationStatus.FIXED,
}
_FIX = {"YES": True, "NO": False, "PARTIAL": True}


def _kind(type_: Any, resource_type: Any) -> Kind:
    said, about = str(type_ or "").upper().replace(" ", "_"), str(resource_type or "").upper()
    if said == "CODE_VULNERABILITY":
        return Kind.SAST
    if said == "NETWORK_REACHABILITY":
        return Kind.CSPM
    if "IMAGE" in about or ":ECR:" in about:
        return Kind.CONTAINER
    return Kind.HOST if "EC2" in about else Kind.SCA


def _rule(type_: Any, vulnerability: Any, rule: Any, detector: Any, port: Any, protocol: Any) -> str | None:
    """Return the rule; of a network path it is the port, as the finding has no other name that stays."""
    named = words(vulnerability) or words(rule) or words(detector)
    if named is None and obj(port):
        return f"{words(type_)}-{words(protocol) or 'ip'}-{obj(port).get('begin')}-{obj(port).get('end')}".lower()
    return named or words(type_)


def _platform(details: Any) -> str | None:
    return next((found for each_ in obj(details).values() if (found := words(obj(each_).get("platform")))), None)


def _commands(packages: Any) -> str | None:
    told = [found for each_ in objs(packages) if (found := words(each_.get("remediation")))]
    return "\n".join(dict.fromkeys(told)) or None


def _recommendation(text: Any, packages: Any) -> str | None:
    said = words(text)
    return "\n".join(filter(None, (None if said == "None Provided" else said, _commands(packages)))) or None


def _path(network: Any) -> str | None:
    steps = [f"{step.get('componentType')} {step.get('componentId')}" for step in objs(obj(network).get("steps"))]
    return "\n".join(steps) or None


def _fixed(version: Any) -> str | None:
    """Return the version; ``NotAvailable`` says that there is none."""
    said = words(version)
    return None if said is None or said.lower() in {"notavailable", "not available"} else said


_PLATFORM = call(_platform, peek("resources[0].details"))
_OUTER_PLATFORM = call(_platform, peek("^.resources[0].details"))


def _package(finding: str, at: str, platform: Any) -> Any:
    return package(
        name=f"{at}name",
        version=f"{at}version",
        purl=call(purl, f"{at}packageManager", platform, f"{at}name", f"{at}version", f"{at}release", f"{at}epoch"),
        ecosystem=call(ecosystem, f"{at}packageManager", platform),
        path=f"{at}filePath",
        fixed_versions=call(_fixed, f"{at}fixedInVersion"),
        image=when(
            call(image_digest_of, f"{finding}resources[0].id"),
            image(
                name=call(image_name_of, f"{finding}resources[0].id"),
                digest=call(image_digest_of, f"{finding}resources[0].id"),
                tag=f"{finding}resources[0].details.awsEcrContainerImage.imageTags[0]",
                os=f"{finding}resources[0].details.awsEcrContainerImage.platform",
                layer_digest=f"{at}sourceLayerHash",
            ),
        ),
    )


def _resource(at: str) -> Any:
    up = "^." if at == "" else ""
    return resource(
        resource=f"{at}id",
        resource_type=f"{at}type",
        name=f"{at}tags.Name",
        provider=const("aws"),
        account=f"{up}awsAccountId",
        region=f"{at}region",
    )


def findings(records: str) -> tuple[Map, ...]:
    """Return the map of the findings at ``records``, as the API writes them."""
    weak = "packageVulnerabilityDetails"
    in_code = "codeVulnerabilityDetails"
    return (
        Map(
            each=records,
            kind=call(_kind, "type", "resources[0].type"),
            rule_id=call(
                _rule,
                "type",
                f"{weak}.vulnerabilityId",
                f"{in_code}.ruleId",
                f"{in_code}.detectorId",
                peek("networkReachabilityDetails.openPortRange"),
                "networkReachabilityDetails.protocol",
            ),
            rule_name=f"{in_code}.detectorName",
            title="title",
            description="description",
            message=template("{title} on {resources[0].id}"),
            severity=[by("severity"), by("inspectorScore", "cvss")],
            status=status("status", _STATUS),
            identifiers=(
                ident(f"{weak}.vulnerabilityId", "vendor", source=f"{weak}.source"),
                ident(f"{weak}.relatedVulnerabilities[]", "vendor"),
            ),
            cwes=f"{in_code}.cwes[]",
            location=first(
                _package("", f"{weak}.vulnerablePackages[0].", _PLATFORM),
                code(
                    path=f"{in_code}.filePath.filePath | {in_code}.filePath.fileName",
                    start_line=f"{in_code}.filePath.startLine",
                    end_line=f"{in_code}.filePath.endLine",
                    module="resources[0].id",
                ),
                _resource("resources[0]."),
            ),
            related_locations=(
                each(f"{weak}.vulnerablePackages[]", _package("^.", "", _OUTER_PLATFORM), where="#key"),
                each("resources[]", _resource("")),
                each(
                    "resources[]",
                    each(
                        "details.awsEc2Instance.ipV4Addresses[] | details.awsEc2Instance.ipV6Addresses[]",
                        host(host=".", ip="."),
                    ),
                ),
            ),
            ratings=(
                rating(
                    const("inspector"),
                    vector="inspectorScoreDetails.adjustedCvss.scoringVector",
                    score="inspectorScoreDetails.adjustedCvss.score | inspectorScore",
                    version="inspectorScoreDetails.adjustedCvss.version",
                    severity="severity",
                ),
                each(
                    f"{weak}.cvss[]",
                    rating("source", vector="scoringVector", score="baseScore", version="version"),
                ),
                rating(f"{weak}.source", severity=f"{weak}.vendorSeverity", method=RatingMethod.VENDOR),
                epss("epss.score"),
            ),
            fix=fix(
                recommendation=call(
                    _recommendation, "remediation.recommendation.text", peek(f"{weak}.vulnerablePackages")
                ),
                fixed_versions=each(f"{weak}.vulnerablePackages[]", call(_fixed, "fixedInVersion")),
                available=lookup("fixAvailable", _FIX),
            ),
            references=(
                f"{weak}.sourceUrl",
                f"{weak}.referenceUrls[]",
                f"{in_code}.referenceUrls[]",
                "remediation.recommendation.Url | remediation.recommendation.url",
            ),
            evidence={"network_path": call(_path, "networkReachabilityDetails.networkPath")},
            exploit_maturity=lookup("exploitAvailable", {"YES": "available"}),
            fingerprints={"findingArn": "findingArn"},
            asset=call(asset_of, "awsAccountId", "resources[0].id", f"{weak}.vulnerabilityId"),
            tags=("type", f"{in_code}.detectorTags[]"),
            first_detected_at="firstObservedAt",
            last_detected_at="lastObservedAt | updatedAt",
            published_at=f"{weak}.vendorCreatedAt",
            ignore=(f"{weak}.vulnerablePackages[].remediation", "updatedAt"),
        ),
    )


ROWS = Map(
    kind=call(_kind, "Finding Type", "Resource ID"),
    rule_id=first("Vulnerability Id", call(lambda title: str(title or "").split(" - ", 1)[0], "Title")),
    title="Title",
    description="Description",
    severity=[by("Severity"), by("Inspector Score", "cvss")],
    status=status("Status", _STATUS),
    identifiers=("Vulnerability Id", "Title"),
    location=first(
        package(
            name=call(lambda names: str(names or "").split(",")[0].strip(), "Affected Packages"),
            version=call(lambda found: str(found or "").split(",")[0].strip(), "Package Installed Version"),
            ecosystem=call(ecosystem, "Package Manager", "Platform"),
            path=call(lambda paths: str(paths or "").split(",")[0].strip(), "File Path"),
            fixed_versions=call(
                lambda found: [part for each_ in str(found or "").split(",") if (part := _fixed(each_.strip()))],
                "Fixed in Version",
            ),
            image=when(
                call(image_digest_of, "Resource ID"),
                image(
                    name=call(image_name_of, "Resource ID"),
                    digest=call(image_digest_of, "Resource ID"),
                    tag="Container Image Tags",
                    os="Platform",
                ),
            ),
        ),
        resource(
            resource="Resource ID",
            provider=const("aws"),
            account="AWS Account Id",
            region="Region",
        ),
    ),
    related_locations=resource(
        resource="Resource ID",
        resource_type="Resource Type",
        provider=const("aws"),
        account="AWS Account Id",
        region="Region",
    ),
    ratings=(
        rating(const("inspector"), vector="Inspector Score Vector", score="Inspector Score", severity="Severity"),
        rating(first("Vendor", const("vendor")), severity="Vendor Severity", method=RatingMethod.VENDOR),
        rating(const("nvd"), vector="NVD CVSS3 Vector", score="NVD CVSS3 Score"),
        rating(const("nvd"), vector="NVD CVSS2 Vector", score="NVD CVSS2 Score", method=RatingMethod.CVSS_V2),
        rating(first("Vendor", const("vendor")), vector="Vendor CVSS3 Vector", score="Vendor CVSS3 Score"),
        epss("EPSS Score"),
    ),
    fix=fix(
        recommendation="Package Remediation | Remediation",
        available=lookup("Fix Available", _FIX),
    ),
    references=(split("Reference Urls"), "Vendor Advisory"),
    evidence={"network_path": "Network Paths"},
    exploit_maturity=lookup("Exploit Available", {"YES": "available"}),
    fingerprints={"findingArn": "Finding ARN"},
    asset=call(asset_of, "AWS Account Id", "Resource ID", "Affected Packages"),
    tags="Finding Type",
    first_detected_at="First Seen",
    last_detected_at="Last Seen | Last Updated",
    ignore=("Last Updated", "Age (Days)"),
    message=template("{Title} on {Resource ID}"),
)
