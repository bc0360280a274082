"""Polaris: checks Kubernetes workloads against best practices."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    call,
    const,
    join,
    resource,
)
from sluice_normaliser.kit.coerce import boolean
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
polaris audit --audit-path ./deploy --format json > polaris.json
sluice push polaris.json --asset repo:github.com/acme/shop
```
Without `--audit-path` it checks the cluster. Checks that hold are counted only.
"""


def _status(success: Any) -> Said:
    return Said(ObservationStatus.PASSED if boolean(success) else ObservationStatus.OPEN, f"Success: {success}".lower())


def _file(source: Any, name: Any) -> str | None:
    """Return the audited file: a cluster has a name, too, and a folder is no place of a workload."""
    path = words(name)
    return path if source == "Path" and path and path.endswith((".yaml", ".yml", ".json")) else None


def _map(each: str, up: str, *container: str) -> Map:
    names = (f"{up}Namespace", f"{up}Kind", f"{up}Name", *container)
    return Map(
        each=each,
        kind=Kind.IAC,
        rule_id="ID | #key",
        title="Message",
        message="Message",
        severity=by("Severity", "scoutsuite"),
        status=call(_status, "Success"),
        location=resource(
            resource=join(*names, sep="/"),
            resource_type=f"{up}Kind",
            name=f"{up}Name",
            namespace=f"{up}Namespace",
            provider=const("kubernetes"),
            path=call(_file, "$.SourceType", "$.SourceName"),
        ),
        evidence={"details": "Details"},
        tags=("Category",),
    )


SPEC = ScannerSpec(
    name="polaris",
    title="Polaris",
    kinds=(Kind.IAC,),
    homepage="https://polaris.docs.fairwinds.com",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="polaris-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("Results",),
                any_of=("PolarisOutputVersion", "Results[].PodResult", "ClusterInfo"),
                lacks=("ArtifactName", "SchemaVersion"),
            ),
            scan=ScanMap(scanned_at="AuditTime", category="SourceName"),
            maps=(
                _map("Results[].Results.*", "^."),
                _map("Results[].PodResult.Results.*", "^."),
                _map("Results[].PodResult.ContainerResults[].Results.*", "^^.", "^.Name"),
            ),
        ),
    ),
)
