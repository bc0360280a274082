"""Google Artifact Analysis: vulnerabilities of images in Artifact Registry, as `gcloud` shows them."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    const,
    each,
    fix,
    ident,
    image,
    image_name,
    matching,
    package,
    peek,
    rating,
    reference,
)
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
gcloud artifacts docker images describe $IMAGE@$DIGEST --show-package-vulnerability --format=json > scan.json
sluice push scan.json --asset image:europe-docker.pkg.dev/acme/shop/web
```
What `gcloud artifacts docker images list-vulnerabilities` shows (On-Demand Scanning) and a page of occurrences from the
API are read, too.
"""

_ECOSYSTEMS = {
    "GO": "golang",
    "GO_STDLIB": "golang",
    "MAVEN": "maven",
    "PYPI": "pypi",
    "NPM": "npm",
    "NUGET": "nuget",
    "RUBYGEMS": "gem",
    "RUST": "cargo",
    "COMPOSER": "composer",
}
_VEX = {"NOT_AFFECTED": ObservationStatus.NOT_APPLICABLE, "FIXED": ObservationStatus.FIXED}


def _ecosystem(kind: Any, cpe: Any) -> str | None:
    found = _ECOSYSTEMS.get(words(kind) or "")
    if found is None and words(kind) in {None, "OS"}:
        parts = (words(cpe) or "").split(":")
        found = parts[2] if len(parts) > 2 else None  # noqa: PLR2004 - cpe, part, vendor
    return found


def _version(said: Any) -> str | None:
    told = obj(said)
    return (
        None if words(told.get("kind")) in {"MAXIMUM", "MINIMUM"} else words(told.get("fullName") or told.get("name"))
    )


def _image(part: str, up: str) -> call:
    def find(address: Any) -> str | None:
        told = (words(address) or "").removeprefix("https://")
        return getattr(image_name(told), part) if told else None

    return call(find, f"{up}resourceUri")


def _has_no_issue(vulnerability: Any) -> bool:
    """Return whether an occurrence is a vulnerability that names no package; others are no vulnerabilities."""
    about = obj(vulnerability)
    return bool(about) and not about.get("packageIssue")


def _unfinished(found: Any) -> str | None:
    """Return the status of an analysis that failed."""
    for item in objs(found):
        said = words(obj(item.get("discovery")).get("analysisStatus"))
        if said and said.startswith("FINISHED_") and said != "FINISHED_SUCCESS":
            return said
    return None


def _map(path: str, up: str, **more: Any) -> Map:
    """Return the map of the issues of packages; ``up`` leads to the occurrence of the vulnerability."""
    return Map(
        each=path,
        kind=Kind.CONTAINER,
        rule_id=call(_note, f"{up}noteName", peek(f"{up}vulnerability.shortDescription")),
        title=f"{up}vulnerability.shortDescription",
        description=f"{up}vulnerability.longDescription",
        severity=["effectiveSeverity", f"{up}vulnerability.effectiveSeverity", f"{up}vulnerability.severity"],
        status=call(lambda state: _VEX.get(words(state) or ""), f"{up}vulnerability.vexAssessment.state"),
        identifiers=(
            ident(
                call(_note, f"{up}noteName", peek(f"{up}vulnerability.shortDescription")),
                "vendor",
                source=const("google"),
            ),
            f"{up}vulnerability.shortDescription",
        ),
        cwes=f"{up}vulnerability.cwe[]",
        location=package(
            name="affectedPackage",
            version=call(_version, "affectedVersion"),
            ecosystem=call(_ecosystem, "packageType", "affectedCpeUri"),
            cpe="affectedCpeUri",
            fixed_versions=call(_version, "fixedVersion"),
            path="fileLocation[0].filePath",
            image=image(name=_image("name", up), tag=_image("tag", up), digest=_image("digest", up)),
        ),
        ratings=(
            rating(
                const("google"),
                vector=matching(f"{up}vulnerability.longDescription", r"(CVSS:[34]\.\d/[A-Z:/]+)"),
                score=f"{up}vulnerability.cvssv3.baseScore | {up}vulnerability.cvssScore",
                severity=f"{up}vulnerability.severity",
                version=const("3.1"),
            ),
            rating(
                const("google"),
                score=f"{up}vulnerability.cvssV2.baseScore | {up}vulnerability.cvssv2.baseScore",
                version=const("2.0"),
            ),
        ),
        fix=fix(available=f"fixAvailable | {up}vulnerability.fixAvailable"),
        references=(each(f"{up}vulnerability.relatedUrls[]", reference(url="url", title="label")),),
        fingerprints={"google_occurrence": f"{up}name"},
        first_detected_at=f"{up}createTime",
        last_detected_at=f"{up}updateTime",
        ignore=("fixedCpeUri", "fixedPackage"),
        **more,
    )


def _vulnerabilities(occurrences: str) -> tuple[Map, ...]:
    """Return the maps of occurrences: an observation for each package, or one where none is named."""
    return (
        _map(f"{occurrences}.vulnerability.packageIssue[]", "^."),
        _map(occurrences, "", where=call(_has_no_issue, peek("vulnerability"))),
    )


def _note(name: Any, short: Any) -> str | None:
    return (words(name) or "").rpartition("/")[2] or words(short)


SPEC = ScannerSpec(
    name="gcloud_artifact_scan",
    title="Google Artifact Analysis",
    kinds=(Kind.CONTAINER,),
    aliases=("google_artifact_analysis", "gcloud"),
    homepage="https://cloud.google.com/artifact-analysis/docs",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="gcloud-describe-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("package_vulnerability_summary", "discovery_summary"),
                weight=2,
            ),
            scan=ScanMap(
                scanned_at="discovery_summary.discovery[0].discovery.lastScanTime",
                failure=call(_unfinished, "discovery_summary.discovery"),
            ),
            maps=_vulnerabilities("package_vulnerability_summary.vulnerabilities.*[]"),
        ),
        Format(
            name="gcloud-vulnerabilities-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].vulnerability.packageIssue",),
                any_of=("[].noteName", "[].kind", "[].resourceUri"),
                weight=3,
            ),
            maps=_vulnerabilities("[]"),
        ),
        Format(
            name="gcloud-occurrences-json",
            container="json",
            detect=JsonShape(root="object", has=("occurrences[].vulnerability",), weight=2),
            scan=ScanMap(complete=call(lambda following: not following, "nextPageToken")),
            maps=_vulnerabilities("occurrences[]"),
        ),
    ),
)
