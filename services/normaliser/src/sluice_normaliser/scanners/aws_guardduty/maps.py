"""A finding of GuardDuty: events and exports write its names in lower, the API in upper camel case."""

import json
from typing import Any

from sluice_normaliser.kit import Map, Said, by, call, const, host, resource, suppression, when
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners._aws import account_asset
from sluice_shared.contracts.finding import Kind, ObservationStatus

_NAMES = {
    "Instance": (("instanceDetails", "instanceId"),),
    "AccessKey": (("accessKeyDetails", "userName"), ("accessKeyDetails", "principalId")),
    "S3Bucket": (("s3BucketDetails", "arn"), ("s3BucketDetails", "name")),
    "S3Object": (("s3BucketDetails", "arn"), ("s3BucketDetails", "name")),
    "EKSCluster": (("eksClusterDetails", "arn"), ("eksClusterDetails", "name")),
    "KubernetesCluster": (("eksClusterDetails", "arn"), ("eksClusterDetails", "name")),
    "ECSCluster": (("ecsClusterDetails", "arn"), ("ecsClusterDetails", "name")),
    "Container": (("containerDetails", "name"), ("containerDetails", "id")),
    "Lambda": (("lambdaDetails", "functionArn"), ("lambdaDetails", "functionName")),
    "RDSDBInstance": (("rdsDbInstanceDetails", "dbInstanceArn"), ("rdsDbInstanceDetails", "dbInstanceIdentifier")),
    "EBSVolume": (("ebsVolumeDetails", "volumeArn"),),
}


def either(name: str) -> str:
    """Return the path of ``service.eventLastSeen`` in both spellings."""
    return f"{name} | " + ".".join(part[:1].upper() + part[1:] for part in name.split("."))


def _lower(value: Any) -> Any:
    """Return objects with names that begin with a small letter, all the way down."""
    if isinstance(value, dict):
        return {str(name)[:1].lower() + str(name)[1:]: _lower(item) for name, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _resource(about: Any) -> str | None:
    """Return the name of what is affected; the account itself has none."""
    told = _lower(obj(about))
    for inside, name in _NAMES.get(words(told.get("resourceType")) or "", ()):
        details = told.get(inside)
        first = next(iter(objs(details)), {}) if isinstance(details, list) else obj(details)
        if found := words(first.get(name)):
            return found
    return None


def _named(about: Any, arn: Any) -> str | None:
    """Return the resource, or the detector's account where a finding is about no resource of its own."""
    return _resource(about) or (words(arn) or "").partition("/finding/")[0] or None


def _address(service: Any) -> str | None:
    """Return the address of the other side, by whatever kind of action it was seen."""
    action = obj(_lower(obj(service)).get("action"))
    for details in action.values():
        remote = obj(obj(details).get("remoteIpDetails"))
        if found := words(remote.get("ipAddressV4")) or words(remote.get("ipAddressV6")):
            return found
    return None


def _status(archived: Any) -> Said:
    gone = archived is True
    return Said(ObservationStatus.SUPPRESSED if gone else ObservationStatus.OPEN, "archived" if gone else None)


def _kind(type_: Any) -> Kind:
    return Kind.MALWARE if "malware" in (words(type_) or "").lower() else Kind.RUNTIME


def _as_text(about: Any) -> str | None:
    """Return an object as text that is the same in whatever order its parts come."""
    return json.dumps(about, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if about else None


def findings(records: str) -> Map:
    """Return the map of the findings at a path."""
    return Map(
        each=records,
        kind=call(_kind, either("type")),
        rule_id=either("type"),
        rule_name=either("type"),
        title=either("title"),
        description=either("description"),
        severity=by(either("severity"), "cvss"),
        confidence=either("confidence"),
        status=call(_status, either("service.archived")),
        location=resource(
            resource=call(_named, either("resource"), either("arn")),
            resource_type=either("resource.resourceType"),
            provider=const("aws"),
            account=either("accountId"),
            region=either("region"),
        ),
        related_locations=when(call(_address, either("service")), host(host=call(_address, either("service")))),
        suppressions=when(either("service.archived"), suppression(kind=const("external"))),
        evidence={
            "action": call(_as_text, either("service.action")),
            "resource": call(_as_text, either("resource")),
        },
        fingerprints={"guardduty_finding": either("id")},
        occurrence_count=either("service.count"),
        asset=call(account_asset, either("accountId")),
        tags=(either("service.featureName"), either("service.serviceName")),
        first_detected_at=f"{either('service.eventFirstSeen')} | {either('createdAt')}",
        last_detected_at=f"{either('service.eventLastSeen')} | {either('updatedAt')}",
        ignore=("arn", "Arn", "schemaVersion", "SchemaVersion", "partition", "Partition"),
    )
