"""Microsoft Defender for Cloud (once Azure Security Center): recommendations for resources of a subscription."""

import json
import re
from typing import Any

from sluice_normaliser.kit import (
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    const,
    fix,
    matching,
    resource,
    status,
    template,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
Defender for Cloud → Recommendations → *Download CSV report*, or
```sh
az security assessment list > assessments.json
sluice push recommendations.csv --asset cloud:azure/00000000-0000-0000-0000-000000000000
```
The answer of a Resource Graph query of `securityresources` does, too.
Continuous export to an Event Hub with a Logic App can post each assessment to `POST /v1/reports?complete=false`.
"""
_STATUS = {
    "Unhealthy": ObservationStatus.OPEN,
    "Healthy": ObservationStatus.PASSED,
    "NotApplicable": ObservationStatus.NOT_APPLICABLE,
    "Not applicable": ObservationStatus.NOT_APPLICABLE,
    "Off-by-policy": ObservationStatus.NOT_APPLICABLE,
}
_SUBSCRIPTION = re.compile(r"(?:^|/subscriptions/)([0-9A-Za-z-]{3,})(?:/|$)")


def _asset(subscription: Any) -> str | None:
    match = _SUBSCRIPTION.search(words(subscription) or "")
    return f"cloud:azure/{match.group(1).lower()}" if match else None


def _subscription(resource_id: Any) -> str | None:
    match = _SUBSCRIPTION.search(words(resource_id) or "")
    return match.group(1) if match and "/subscriptions/" in str(resource_id) else None


def _controls(value: Any) -> list[str]:
    """Return the names of the controls, which the export writes as a JSON object in a cell."""
    said = words(value) or ""
    try:
        read = json.loads(said) if said.startswith(("{", "[")) else said
    except ValueError:
        read = said
    return [str(name) for name in read] if isinstance(read, (dict, list)) else [said] if said else []


_ROWS = Map(
    kind=Kind.CSPM,
    rule_id="recommendationName | recommendationDisplayName",
    rule_name="recommendationDisplayName",
    title="recommendationDisplayName",
    description="description",
    message=template("{recommendationDisplayName} on {resourceId}"),
    severity="severity",
    status=status("state", _STATUS),
    location=resource(
        resource="resourceId",
        resource_type="resourceType",
        name="resourceName",
        provider=const("azure"),
        account="subscriptionId",
        namespace="resourceGroup",
    ),
    fix=fix(recommendation="remediationSteps"),
    references="azurePortalRecommendationLink",
    evidence={"not_applicable_reason": "notApplicableReason"},
    fingerprints={"recommendationId": "recommendationId"},
    asset=call(_asset, "subscriptionId"),
    tags=call(_controls, "controls"),
    first_detected_at="firstEvaluationDate",
    last_detected_at="exportedTimestamp",
)


def _assessments(records: str, *, at: str = "properties.") -> Map:
    """Return the map of the assessments at ``records``; ``at`` is empty where a client wrote their properties flat."""
    about = f"{at}metadata"
    resource_id = f"{at}resourceDetails.id | {at}resourceDetails.Id | {at}resourceDetails.ResourceId"
    place = f"{resource_id} | id"
    return Map(
        each=records,
        kind=Kind.CSPM,
        rule_id="name",
        rule_name=f"{at}displayName",
        title=f"{at}displayName | {about}.displayName",
        description=f"{about}.description",
        message=template("{" + at + "displayName} on {" + place + "}"),
        severity=f"{about}.severity | {at}severity",
        status=status(f"{at}status.code", _STATUS),
        location=resource(
            resource=place,
            resource_type=matching(place, r"(?i)/providers/([^/]+/[^/]+)/[^/]+(?:/providers/Microsoft\.Security.*)?$"),
            name=matching(resource_id, r"([^/]+)/?$"),
            provider=const("azure"),
            account=call(_subscription, place),
        ),
        fix=fix(recommendation=f"{about}.remediationDescription", effort=f"{about}.implementationEffort"),
        references=f"{at}links.azurePortal",
        evidence={"status": template("{" + at + "status.cause} {" + at + "status.description}")},
        fingerprints={"recommendationId": "id"},
        asset=call(_asset, "id"),
        tags=(f"{about}.categories[]", f"{about}.threats[]"),
        first_detected_at=f"{at}status.firstEvaluationDate | {at}timeGenerated",
        last_detected_at=f"{at}status.statusChangeDate",
    )


def _listed(name: str, records: str) -> tuple[Format, ...]:
    """Return the formats of a list of assessments, as the API and as its clients write it."""
    of_type = {f"{records}.type": r"(?i)^Microsoft\.Security/assessments$"}
    return (
        Format(
            name=name,
            container=("json", "jsonl") if records == "[]" else "json",
            detect=JsonShape(has=(f"{records}.properties.status",), match=of_type),
            maps=(_assessments(records),),
        ),
        Format(
            name=f"{name}-flat",
            container=("json", "jsonl") if records == "[]" else "json",
            detect=JsonShape(has=(f"{records}.status.code",), lacks=(f"{records}.properties",), match=of_type),
            maps=(_assessments(records, at=""),),
        ),
    )


SPEC = ScannerSpec(
    name="azure_security_center_recommendations",
    title="Microsoft Defender for Cloud recommendations",
    kinds=(Kind.CSPM,),
    homepage="https://learn.microsoft.com/azure/defender-for-cloud/review-security-recommendations",
    setup=_SETUP,
    aliases=("defender_for_cloud", "azure_security_center"),
    formats=(
        Format(
            name="azure-recommendations-csv",
            container="csv",
            detect=CsvShape(
                columns=("recommendationDisplayName",),
                any_of=("resourceId", "resourceName", "recommendationId", "state"),
            ),
            maps=(_ROWS,),
        ),
        *_listed("azure-assessments-json", "[]"),
        *_listed("azure-assessments-json-page", "value[]"),
        *_listed("azure-assessments-json-graph", "data[]"),
    ),
)
