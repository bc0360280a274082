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


def _part(about: Any, name: str) -> Any:
    """Return a part of an object by its name in either spelling."""
    told = obj(about)
    return told.get(name) or told.get(name[:1].upper() + name[1:])


def _resource(about: Any) -> str | None:
    """Return the name of what is affected; the account itself has none."""
    for inside, name in _NAMES.get(words(_part(about, "resourceType")) or "", ()):
        details = _part(about, inside)
        if found := words(_part(next(iter(objs(details)), details), name)):
            return found
    return None


def _named(about: Any, arn: Any) -> str | None:
    """Return the resource, or the detector's account where a finding is about no resource of its own."""
    return _resource(about) or (words(arn) or "").partition("/finding/")[0] or None


def _address(service: Any) -> str | None:
    """Return the address of the other side, by whatever kind of action it was seen."""
    for details in obj(_part(service, "action")).values():
        remote = _part(details, "remoteIpDetails")
        if found := words(_part(remote, "ipAddressV4")) or words(_part(remote, "ipAddressV6")):
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
