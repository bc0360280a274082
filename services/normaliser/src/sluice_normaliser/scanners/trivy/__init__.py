"""Trivy: vulnerabilities, misconfigurations, secrets and licences in images, files, repositories and clusters."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import CLEAN, Format, Group, JsonShape, Reading, ScanMap, ScannerSpec, call
from sluice_normaliser.kit.assets import image_key
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners.trivy.maps import RESULT_MAPS
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
```sh
trivy image --format json --output trivy.json registry.acme.io/shop:1.4
sluice push trivy.json --asset image:registry.acme.io/shop
```
The same holds for `trivy fs`, `trivy repo`, `trivy config`, `trivy sbom` and `trivy k8s --report all`; a report of
`--compliance` needs `--report all`. Use `--show-suppressed` to keep what `.trivyignore` or a VEX document leaves out:
it then counts as suppressed.
"""

_RECORDS = ("Vulnerabilities", "Misconfigurations", "Secrets", "Licenses")
_RESOURCES = ("Resources", "Findings", "Vulnerabilities", "Misconfigurations")
"""Where the resources of a cluster stand: with all of it, in the summary, and (the last two) before version 0.38."""


_ATTESTED = ("scanner.result.ArtifactName", "scanner.result.ArtifactType", "scanner.result.Results[].Target")
_REPORT = Group(each="Results[]", maps=RESULT_MAPS).compile()


def _attested(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of the report within a record of Cosign (``--format cosign-vuln``) or its attestation."""
    record = obj(document.get("predicate")) or document
    yield from _REPORT.run((None, obj(obj(record.get("scanner")).get("result"))), reading)


def _several(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of reports one after the other; where they are of several images, each is an asset."""
    reports = objs(document)
    several = len({words(each.get("ArtifactName")) for each in reports}) > 1
    for report in reports:
        for observation in _REPORT.run((None, report), reading):
            if several and observation.asset is None:
                observation.asset = image_key(observation)
            yield observation


def _errors(*lists: list[Any]) -> str | None:
    told = [str(each) for listed in lists for each in listed if each]
    return "; ".join(told[:5]) or None


SPEC = ScannerSpec(
    name="trivy",
    title="Trivy",
    kinds=(Kind.CONTAINER, Kind.SCA, Kind.IAC, Kind.SECRET, Kind.LICENCE),
    homepage="https://trivy.dev",
    setup=_SETUP,
    trivial={"null": CLEAN, "[]": CLEAN},
    counts_passed=True,
    formats=(
        Format(
            name="trivy-json-2",
            container="json",
            detect=JsonShape(
                root="object",
                has=("SchemaVersion",),
                any_of=("ArtifactName", "ArtifactType", "Results[].Target", "Trivy.Version"),
                lacks=("ClusterName", "Resources", "kind"),
                weight=1,
            ),
            scan=ScanMap(version="Trivy.Version", scanned_at="CreatedAt"),
            maps=(Group(each="Results[]", maps=RESULT_MAPS),),
        ),
        Format(
            name="trivy-json-2-unversioned",
            container="json",
            detect=JsonShape(
                root="object",
                has=("Results",),
                any_of=("ArtifactName", "ArtifactType", "Results[].Class", *(f"Results[].{name}" for name in _RECORDS)),
                lacks=("SchemaVersion", "ClusterName", "kind"),
            ),
            maps=(Group(each="Results[]", maps=RESULT_MAPS),),
        ),
        Format(
            name="trivy-json-k8s",
            container="json",
            detect=JsonShape(
                root="object",
                has=("ClusterName",),
                any_of=_RESOURCES,
                weight=1,
            ),
            scan=ScanMap(
                version="Trivy.Version",
                scanned_at="CreatedAt",
                failure=call(_errors, *(f"{path}[].Error" for path in _RESOURCES)),
            ),
            maps=(
                Group(
                    each=" | ".join(f"{path}[]" for path in _RESOURCES),
                    maps=(Group(each="Results[]", maps=RESULT_MAPS),),
                ),
            ),
        ),
        Format(
            name="trivy-json-k8s-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("ClusterName",),
                only=("ClusterName", "SchemaVersion", "ReportID", "CreatedAt", "Trivy"),
                weight=-1,
            ),
            scan=ScanMap(version="Trivy.Version", scanned_at="CreatedAt"),
            maps=(Group(each="Resources[]", maps=RESULT_MAPS),),
        ),
        Format(
            name="trivy-json-compliance",
            container="json",
            detect=JsonShape(
                root="object",
                has=("ID", "Results[].Results"),
                any_of=("Results[].Name", "Results[].DefaultStatus", "RelatedResources"),
                lacks=("ArtifactName", "ClusterName"),
            ),
            maps=(Group(each="Results[]", maps=(Group(each="Results[]", maps=RESULT_MAPS),)),),
        ),
        Format(
            name="trivy-json-2-list",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].ArtifactName", "[].Results")),
            parse=_several,
        ),
        Format(
            name="trivy-cosign-vuln",
            container="json",
            detect=JsonShape(
                root="object", any_of=(*_ATTESTED, *(f"predicate.{path}" for path in _ATTESTED)), weight=2
            ),
            scan=ScanMap(scanned_at="metadata.scanFinishedOn | predicate.metadata.scanFinishedOn"),
            parse=_attested,
        ),
        Format(
            name="trivy-json-1",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].Target",),
                any_of=("[].Type", "[].Class", *(f"[].{name}" for name in _RECORDS)),
            ),
            maps=(Group(each="[]", maps=RESULT_MAPS),),
        ),
    ),
)
