"""OpenReports: results of policies and scanners in a Kubernetes cluster."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    const,
    first,
    package,
    peek,
    resource,
    split,
    status,
    template,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
kubectl get reports.openreports.io -A -o json > reports.json
sluice push reports.json --asset cluster:prod
```
Findings without a fixed or installed version of a package are results of policies.
"""


def _kind(name: Any) -> Kind:
    return Kind.SCA if name else Kind.COMPLIANCE


def _map(path: str) -> Map:
    return Map(
        each=path,
        kind=call(_kind, peek("properties.pkgName")),
        rule_id="policy | rule",
        rule_name="rule",
        title=first("message", "policy"),
        description="description",
        severity=["severity", by("result", "verdict")],
        status=status(
            "result",
            {
                "pass": ObservationStatus.PASSED,
                "skip": ObservationStatus.NOT_APPLICABLE,
                "error": ObservationStatus.MANUAL,
            },
        ),
        identifiers="policy",
        location=first(
            package(
                name="properties.pkgName",
                version="properties.installedVersion",
                fixed_versions=split("properties.fixedVersion", ","),
                path=template("{^.metadata.namespace}/{^.scope.kind}/{^.scope.name}"),
            ),
            resource(
                resource=template(
                    "{^.metadata.namespace}/{resources[0].kind|^.scope.kind}/{resources[0].name|^.scope.name}"
                ),
                resource_type="resources[0].kind | ^.scope.kind",
                name="resources[0].name | ^.scope.name",
                namespace="resources[0].namespace | ^.scope.namespace | ^.metadata.namespace",
                provider=const("kubernetes"),
            ),
        ),
        references="properties.primaryURL",
        tags=("category", "source"),
    )


_GROUP = r"^(openreports\.io|wgpolicyk8s\.io)/"
"""The group of the reports, and that of their predecessor, the policy reports of Kubernetes."""

SPEC = ScannerSpec(
    name="openreports",
    title="OpenReports",
    kinds=(
        Kind.COMPLIANCE,
        Kind.SCA,
    ),
    homepage="https://openreports.io",
    setup=_SETUP,
    formats=(
        Format(
            name="openreports-list-json",
            container="json",
            detect=JsonShape(root="object", has=("items[].results",), match={"items[].apiVersion": _GROUP}, weight=2),
            maps=(_map("items[].results[]"),),
        ),
        Format(
            name="openreports-json",
            container="json",
            detect=JsonShape(root="object", match={"apiVersion": _GROUP}, lacks=("items",), weight=2),
            maps=(_map("results[]"),),
        ),
        Format(
            name="openreports-array-json",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", match={"[].apiVersion": _GROUP}),
            maps=(_map("[].results[]"),),
        ),
        Format(
            name="openreports-list-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items",),
                only=("apiVersion", "items", "kind", "metadata"),
                lacks=("items[]",),
                match={"kind": "^(Cluster)?(Policy)?(Report)?List$"},
                weight=-3,
            ),
            maps=(_map("items[].results[]"),),
        ),
    ),
)
