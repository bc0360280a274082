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


def _image(part: str) -> call:
    def find(address: Any) -> str | None:
        told = (words(address) or "").removeprefix("https://")
        return getattr(image_name(told), part) if told else None

    return call(find, "^.resourceUri")


def _unfinished(found: Any) -> str | None:
    """Return the status of an analysis that failed."""
    for item in objs(found):
        said = words(obj(item.get("discovery")).get("analysisStatus"))
        if said and said.startswith("FINISHED_") and said != "FINISHED_SUCCESS":
            return said
    return None


def _vulnerabilities(path: str) -> Map:
    """Return the map of the issues of packages; one step up is the occurrence of the vulnerability."""
    return Map(
        each=path,
        kind=Kind.CONTAINER,
        rule_id=call(_note, "^.noteName", peek("^.vulnerability.shortDescription")),
        title="^.vulnerability.shortDescription",
        description="^.vulnerability.longDescription",
        severity=["effectiveSeverity", "^.vulnerability.effectiveSeverity", "^.vulnerability.severity"],
        status=call(lambda state: _VEX.get(words(state) or ""), "^.vulnerability.vexAssessment.state"),
        identifiers=(
            ident(
                call(_note, "^.noteName", peek("^.vulnerability.shortDescription")), "vendor", source=const("google")
            ),
            "^.vulnerability.shortDescription",
        ),
        cwes="^.vulnerability.cwe[]",
        location=package(
            name="affectedPackage",
            version=call(_version, "affectedVersion"),
            ecosystem=call(_ecosystem, "packageType", "affectedCpeUri"),
            cpe="affectedCpeUri",
            fixed_versions=call(_version, "fixedVersion"),
            path="fileLocation[0].filePath",
            image=image(name=_image("name"), tag=_image("tag"), digest=_image("digest")),
        ),
        ratings=(
            rating(
                const("google"),
                vector=matching("^.vulnerability.longDescription", r"(CVSS:[34]\.\d/[A-Z:/]+)"),
                score="^.vulnerability.cvssv3.baseScore | ^.vulnerability.cvssScore",
                severity="^.vulnerability.severity",
                version=const("3.1"),
            ),
            rating(
                const("google"),
                score="^.vulnerability.cvssV2.baseScore | ^.vulnerability.cvssv2.baseScore",
                version=const("2.0"),
            ),
        ),
        fix=fix(available="fixAvailable | ^.vulnerability.fixAvailable"),
        references=(each("^.vulnerability.relatedUrls[]", reference(url="url", title="label")),),
        fingerprints={"google_occurrence": "^.name"},
        first_detected_at="^.createTime",
        last_detected_at="^.updateTime",
        ignore=("fixedCpeUri", "fixedPackage"),
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
            maps=(_vulnerabilities("package_vulnerability_summary.vulnerabilities.*[].vulnerability.packageIssue[]"),),
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
            maps=(_vulnerabilities("[].vulnerability.packageIssue[]"),),
        ),
        Format(
            name="gcloud-occurrences-json",
            container="json",
            detect=JsonShape(root="object", has=("occurrences[].vulnerability",), weight=2),
            maps=(_vulnerabilities("occurrences[].vulnerability.packageIssue[]"),),
        ),
    ),
)
