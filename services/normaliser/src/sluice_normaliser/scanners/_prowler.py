"""Prowler's formats of version 3 and later: OCSF, CSV, and the JSON of version 3. Version 2 has a folder of its own."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Map,
    Said,
    by,
    call,
    compliance,
    const,
    construct,
    each,
    first,
    fix,
    join,
    lookup,
    resource,
    sections,
    split,
)
from sluice_normaliser.kit.shapes import arr, words
from sluice_shared.contracts.finding import Compliance, Kind, ObservationStatus

_ACCOUNT = re.compile(r"[\w.@-]+")
_PROVIDERS = {
    "aws": "aws",
    "azure": "azure",
    "gcp": "gcp",
    "kubernetes": "kubernetes",
    "github": "github",
    "m365": "m365",
}
_VERDICTS = {
    "fail": ObservationStatus.OPEN,
    "failure": ObservationStatus.OPEN,
    "pass": ObservationStatus.PASSED,
    "success": ObservationStatus.PASSED,
    "manual": ObservationStatus.MANUAL,
    "info": ObservationStatus.INFORMATIONAL,
    "warning": ObservationStatus.SUPPRESSED,
    "muted": ObservationStatus.SUPPRESSED,
    "mutelist": ObservationStatus.SUPPRESSED,
}
_SUPPRESSED_ID, _RESOLVED_ID = 3, 4

OF_OCSF = ("[].finding_info", "[].finding", "[].resources", "[].status_code")
OF_ROWS_4 = ("FINDING_UID", "RESOURCE_UID", "ACCOUNT_UID", "PROWLER_VERSION", "AUTH_METHOD")
OF_ROWS_3 = ("FINDING_UNIQUE_ID", "ASSESSMENT_START_TIME", "RESOURCE_ARN")
OF_RECORDS_3 = ("[].StatusExtended", "[].FindingUniqueId", "[].CheckTitle")
"""What one of is enough to know each format."""


def verdict(said: Any, muted: Any = None) -> Said:
    """Return the status of a check; version 2 writes WARNING for what its allow list accepts."""
    raw = words(said)
    if str(muted).strip().lower() == "true":
        return Said(ObservationStatus.SUPPRESSED, "MUTED")
    return Said(_VERDICTS.get((raw or "").lower(), ObservationStatus.OPEN), raw)


def _state(code: Any, state: Any, state_id: Any, nested: Any) -> Said:
    """Return the status of an OCSF finding.

    The words count: version 4 wrote ``status_id`` 3 (suppressed) for new findings, too. Version 3 has no
    ``status_code``; there the status itself is ``Failure`` or ``Success``.
    """
    said, name = words(code) or words(nested), (words(state) or "").lower()
    if name in {"suppressed", "muted"} or (not name and state_id == _SUPPRESSED_ID):
        return Said(ObservationStatus.SUPPRESSED, words(state) or said)
    if name == "resolved" or (not name and state_id == _RESOLVED_ID):
        return Said(ObservationStatus.FIXED, words(state) or said)
    return verdict(said or (name if name in _VERDICTS else None))


def asset(provider: Any, account: Any) -> str | None:
    """Return the asset of an account, a subscription, a project or an organisation; a cluster is named by the push."""
    cloud, number = (words(provider) or "").lower(), words(account)
    if cloud in {"", "kubernetes"} or not number or not _ACCOUNT.fullmatch(number):
        return None
    return f"cloud:{cloud}/{number}"


def requirements(cell: Any) -> list[Compliance]:
    """Return the requirements in ``CIS-2.0: 1.5, 1.6 | ENS-RD2022: op.acc.2``."""
    found: list[Compliance] = []
    for part in (words(cell) or "").split(" | "):
        standard, _, controls = part.partition(": ")
        if standard.strip():
            listed: list[str | None] = [control.strip() for control in controls.split(",") if control.strip()] or [None]
            found += [construct(Compliance, {"standard": standard.strip(), "control": each_}) for each_ in listed]
    return found


def _links(references: Any) -> list[str]:
    """Return the URLs; the others are commands and snippets that would end the problem."""
    return [each_ for each_ in map(str, arr(references)) if each_.startswith(("http://", "https://"))]


def _commands(references: Any) -> list[str]:
    return [each_ for each_ in map(str, arr(references)) if not each_.startswith(("http://", "https://"))]


def ocsf(records: str = "[]") -> Map:
    """Return the map of OCSF findings: Detection Finding of version 4 and 5, Security Finding of version 3."""
    about = "finding_info.{0} | finding.{0}"
    return Map(
        each=records,
        kind=Kind.CSPM,
        rule_id="metadata.event_code | metadata.product.feature.uid | finding_info.check_id | check_id",
        rule_name="metadata.product.feature.name",
        title=f"{about.format('title')} | message",
        description=sections(about.format("desc"), Risk="risk_details | finding.supporting_data.Risk"),
        message="status_detail | message",
        severity=[by("severity | finding_info.severity"), by("severity_id", "1-5")],
        status=call(_state, "status_code", "status", "status_id", "compliance.status"),
        location=resource(
            resource="resources[0].uid | resources[0].name",
            resource_type="resources[0].type",
            name="resources[0].name",
            provider=first(lookup("cloud.provider", _PROVIDERS), "cloud.provider", const("kubernetes")),
            account="cloud.account.uid | cloud.project_uid",
            region="resources[0].region | cloud.region",
            namespace="resources[0].namespace",
        ),
        related_locations=each(
            "resources[]",
            resource(
                resource="uid | name",
                resource_type="type",
                name="name",
                account="^.cloud.account.uid",
                region="region",
                namespace="namespace",
            ),
            where="#key",
        ),
        fix=fix(
            recommendation="remediation.desc | remediation.text | finding.remediation.desc",
            patch=call(
                lambda found: "\n".join(_commands(found)) or None,
                "remediation.references | finding.remediation.kb_articles",
            ),
        ),
        references=(
            call(_links, "remediation.references"),
            call(_links, "finding.remediation.kb_articles"),
            "unmapped.related_url",
            "unmapped.additional_urls[]",
            "finding.src_url",
        ),
        compliance=(
            each("unmapped.compliance.*[]", compliance(standard="^#key", control=".", status="^^.status_code")),
            each("compliance.requirements[]", compliance(standard=".", status="^.compliance.status")),
        ),
        fingerprints={"prowler": about.format("uid")},
        asset=call(asset, "cloud.provider", "cloud.account.uid | cloud.project_uid"),
        tags=(split("unmapped.categories"), "finding_info.types[]", "finding.types[]", "resources[0].labels[]"),
        last_detected_at="time_dt | time | event_time",
        ignore=(
            *("activity_id", "activity_name", "category_name", "category_uid", "class_name", "class_uid", "type_uid"),
            *("type_name", "severity_id", "metadata.profiles", "metadata.version", "metadata.product", "message"),
            *("risk_details", "time", "time_dt", "metadata.original_time", "unmapped.scan_id"),  # of the run
            *("finding_info.created_time", "finding_info.created_time_dt", "finding_info.product_uid"),
        ),
    )


def _rows(columns: str, *, account: str, resource_uid: str, name: str, region: str, uid: str, **more: Any) -> Map:
    """Return the map of a CSV whose remediations stand in ``columns`` and the kind of code."""
    kinds = ("CLI", "TERRAFORM", "NATIVEIAC", "OTHER")
    return Map(
        kind=Kind.CSPM,
        rule_id="CHECK_ID",
        title="CHECK_TITLE",
        description=sections("DESCRIPTION", Risk="RISK"),
        message="STATUS_EXTENDED",
        severity="SEVERITY",
        status=call(verdict, "STATUS", "MUTED"),
        location=resource(
            resource=resource_uid,
            resource_type="RESOURCE_TYPE",
            name=name,
            provider=first(lookup("PROVIDER", _PROVIDERS), "PROVIDER"),
            account=account,
            region=region,
        ),
        fix=fix(recommendation="REMEDIATION_RECOMMENDATION_TEXT", patch=join(*(columns + kind for kind in kinds))),
        evidence={"resource": "RESOURCE_DETAILS"},
        compliance=call(requirements, "COMPLIANCE"),
        fingerprints={"prowler": uid},
        asset=call(asset, "PROVIDER", account),
        tags=(split("CATEGORIES"), split("CHECK_TYPE")),
        **more,
    )


def rows_4() -> Map:
    """Return the map of the CSV of version 4 and later."""
    return _rows(
        "REMEDIATION_CODE_",
        account="ACCOUNT_UID",
        resource_uid="RESOURCE_UID | RESOURCE_NAME",
        name="RESOURCE_NAME",
        region="REGION",
        uid="FINDING_UID",
        references=("REMEDIATION_RECOMMENDATION_URL", "RELATED_URL", split("ADDITIONAL_URLS", " | ")),
        last_detected_at="TIMESTAMP",
        ignore=("AUTH_METHOD", "PROWLER_VERSION", "PARTITION"),
    )


def rows_3() -> Map:
    """Return the map of the CSV of version 3; its columns differ by provider."""
    return _rows(
        "REMEDIATION_RECOMMENDATION_CODE_",
        account="ACCOUNT_ID | SUBSCRIPTION | PROJECT_ID",
        resource_uid="RESOURCE_ARN | RESOURCE_ID | RESOURCE_NAME",
        name="RESOURCE_NAME | RESOURCE_ID",
        region="REGION | LOCATION",
        uid="FINDING_UNIQUE_ID",
        references=("REMEDIATION_RECOMMENDATION_URL", "RELATED_URL"),
        last_detected_at="ASSESSMENT_START_TIME",
    )


def records_3(records: str = "[]") -> Map:
    """Return the map of the JSON of version 3."""
    account = "AccountId | Subscription | ProjectId"
    return Map(
        each=records,
        kind=Kind.CSPM,
        rule_id="CheckID",
        title="CheckTitle",
        description=sections("Description", Risk="Risk"),
        message="StatusExtended",
        severity="Severity",
        status=call(verdict, "Status", "Muted"),
        location=resource(
            resource="ResourceArn | ResourceId | ResourceName",
            resource_type="ResourceType",
            name="ResourceName | ResourceId",
            provider=first(lookup("Provider", _PROVIDERS), "Provider"),
            account=account,
            region="Region | Location",
        ),
        fix=fix(
            recommendation="Remediation.Recommendation.Text",
            patch=join(
                *(f"Remediation.Code.{kind}" for kind in ("CLI", "Terraform", "NativeIaC", "Other")),
            ),
        ),
        references=("Remediation.Recommendation.Url", "RelatedUrl"),
        evidence={"resource": "ResourceDetails"},
        compliance=each("Compliance.*[]", compliance(standard="^#key", control=".", status="^^.Status")),
        fingerprints={"prowler": "FindingUniqueId"},
        asset=call(asset, "Provider", account),
        tags=("CheckType[]", "Categories[]"),
        last_detected_at="AssessmentStartTime",
    )
