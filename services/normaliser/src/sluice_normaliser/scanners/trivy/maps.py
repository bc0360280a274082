"""What each kind of Trivy's results says; a result (a target with its class and type) stands above each of them."""

from collections.abc import Callable
from typing import Any

from sluice_normaliser.kit import (
    Map,
    by,
    call,
    code,
    const,
    construct,
    each,
    first,
    fix,
    ident,
    image_name,
    licence,
    lookup,
    package,
    rating,
    resource,
    secret,
    status,
    suppression,
    template,
    vex,
    when,
)
from sluice_normaliser.kit.images import ImageName
from sluice_normaliser.kit.shapes import arr, obj
from sluice_shared.contracts.finding import ImageRef, Kind, ObservationStatus, RatingMethod

_SYSTEMS = frozenset(
    {"alpine", "debian", "ubuntu", "redhat", "centos", "rocky", "alma", "amazon", "oracle", "fedora", "photon"}
    | {"suse linux enterprise server", "opensuse", "opensuse.leap", "cbl-mariner", "azurelinux", "wolfi", "chainguard"}
)
_GROUPED = frozenset({"Java", "Node.js", "Python", "Ruby", "Conda", "Go", "Rust", "PHP", "Kubernetes", "OS Packages"})
_VENDOR_SEVERITY = {"0": "unknown", "1": "low", "2": "medium", "3": "high", "4": "critical"}
_STATUS = {
    "not_affected": ObservationStatus.NOT_APPLICABLE,
    "FAIL": ObservationStatus.OPEN,
    "PASS": ObservationStatus.PASSED,
    "EXCEPTION": ObservationStatus.SUPPRESSED,
}


def _of_system(class_: Any, type_: Any) -> bool:
    return class_ == "os-pkgs" or (class_ is None and type_ in _SYSTEMS)


def _kind(artifact: Any, class_: Any, type_: Any) -> Kind:
    return Kind.CONTAINER if _of_system(class_, type_) or artifact == "container_image" else Kind.SCA


def _manifest(target: Any, class_: Any, type_: Any) -> str | None:
    """Return the target where it is a file; for packages of a system it is the image's name."""
    return None if _of_system(class_, type_) or not isinstance(target, str) or target in _GROUPED else target


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _first_of(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _asked(name: Any, target: Any, of_system: bool) -> ImageName:
    """Return the image that was scanned; without the artifact's name, that of a target ``shop:1.4 (debian 12.5)``."""
    told = _text(name) or (_text(target) if of_system else None) or ""
    return image_name(told if name else told.partition(" (")[0])


def _image(artifact: Any, name: Any, metadata: Any, layer: Any, *result: Any) -> ImageRef | None:
    about, inside = obj(metadata) or obj(_first_of(metadata)), obj(layer)
    target, of_system = result[0], _of_system(*result[1:])
    if artifact not in {None, "container_image"}:
        return None
    if not (about.get("ImageID") or inside) and (artifact or not of_system):
        return None
    system, layers = obj(about.get("OS")), arr(about.get("DiffIDs"))
    repository_digest = image_name(_text(_first_of(about.get("RepoDigests"))) or "").digest
    asked = _asked(name, target, of_system)
    tagged = image_name(_text(_first_of(about.get("RepoTags"))) or "")
    diff = _text(inside.get("DiffID"))
    values = {
        "name": asked.name or tagged.name or None,
        "tag": asked.tag or tagged.tag,
        "digest": repository_digest or asked.digest,
        "image_id": _text(about.get("ImageID")),
        "os": " ".join(str(system[key]) for key in ("Family", "Name") if system.get(key)) or None,
        "layer_digest": _text(inside.get("Digest")),
        "layer_diff_id": diff,
        "layer_index": layers.index(diff) if diff in layers else None,
        "instruction": _text(inside.get("CreatedBy")),
    }
    return construct(ImageRef, values) if any(value is not None for value in values.values()) else None


def _snippet(lines: Any) -> str | None:
    if not isinstance(lines, list):
        return None
    return "\n".join(str(line.get("Content", "")) for line in lines if isinstance(line, dict)) or None


def _named(namespace: Any, kind: Any, name: Any, resource_: Any, target: Any) -> Any:
    """Return ``default/Service/vault`` for what is in a cluster, else the resource named, else the target."""
    if kind and name:
        return "/".join(str(part) for part in (namespace, kind, name) if part)
    return resource_ or target


def vulnerabilities(path: str, result: str = "^", **more: Any) -> Map:
    """Return the map of vulnerabilities at ``path``; ``result`` is the way up to the result they are of."""
    above = {"class_": f"{result}.Class", "type_": f"{result}.Type", "target": f"{result}.Target"}
    fields: dict[str, Any] = {
        "status": status("Status", _STATUS),
        **more,
    }
    return Map(
        each=path,
        kind=call(_kind, "$.ArtifactType", above["class_"], above["type_"]),
        rule_id=first("VulnerabilityID", const("unknown")),
        title=first(
            "Title",
            when("VulnerabilityID", template("{VulnerabilityID} in {PkgName} {InstalledVersion}")),
            template("{PkgName} {InstalledVersion}"),
        ),
        description="Description",
        severity=by("Severity", source="SeveritySource"),
        identifiers=(
            ident("VulnerabilityID", "vendor", source="DataSource.ID"),
            ident("VendorIDs[]", "vendor", source="DataSource.ID"),
        ),
        cwes="CweIDs[]",
        location=package(
            name="PkgName",
            version="InstalledVersion",
            purl="PkgIdentifier.PURL | PkgRef",
            ecosystem=above["type_"],
            fixed_versions="FixedVersion",
            path=first("PkgPath", call(_manifest, above["target"], above["class_"], above["type_"])),
            image=call(
                _image,
                "$.ArtifactType",
                "$.ArtifactName",
                f"$.Metadata | {result}^.Metadata",
                "Layer",
                *(above[name] for name in ("target", "class_", "type_")),
            ),
        ),
        ratings=(
            each("CVSS.*", rating("#key", vector="V40Vector", score="V40Score", method=RatingMethod.CVSS_V4)),
            each("CVSS.*", rating("#key", vector="V3Vector", score="V3Score", method=RatingMethod.CVSS_V31)),
            each("CVSS.*", rating("#key", vector="V2Vector", score="V2Score", method=RatingMethod.CVSS_V2)),
            each(
                "VendorSeverity.*",
                rating("#key", severity=lookup(".", _VENDOR_SEVERITY), method=RatingMethod.VENDOR),
            ),
        ),
        references=("PrimaryURL", "References[]"),
        fingerprints={"trivy": "Fingerprint"},
        published_at="PublishedDate",
        ignore=("PkgIdentifier.PURL",),
        **fields,
    )


def misconfigurations(path: str, result: str = "^", **more: Any) -> Map:
    """Return the map of failed checks at ``path``; above their result stands the resource of a cluster."""
    fields: dict[str, Any] = {"status": status("Status", _STATUS), **more}
    return Map(
        each=path,
        kind=Kind.IAC,
        rule_id="ID",
        title="Title",
        description="Description",
        message="Message",
        severity="Severity",
        identifiers=(ident("AVDID", scheme="avd"),),
        location=resource(
            resource=call(
                _named,
                f"{result}^.Namespace",
                f"{result}^.Kind",
                f"{result}^.Name",
                "CauseMetadata.Resource | IacMetadata.Resource",
                f"{result}.Target",
            ),
            name=first("CauseMetadata.Resource | IacMetadata.Resource", when(f"{result}^.Kind", f"{result}^.Name")),
            resource_type=first(f"{result}^.Kind", "CauseMetadata.Service | IacMetadata.Service"),
            provider=call(
                lambda name: name.lower() if isinstance(name, str) else None,
                "CauseMetadata.Provider | IacMetadata.Provider",
            ),
            cluster="$.ClusterName",
            namespace=f"{result}^.Namespace",
            path=f"{result}.Target",
            start_line="CauseMetadata.StartLine | IacMetadata.StartLine",
            end_line="CauseMetadata.EndLine | IacMetadata.EndLine",
            snippet=call(_snippet, "CauseMetadata.Code.Lines"),
        ),
        related_locations=each(
            "CauseMetadata.Occurrences[]",
            resource(
                resource="Resource", path="Filename", start_line="Location.StartLine", end_line="Location.EndLine"
            ),
        ),
        fix=fix(recommendation="Resolution"),
        references=("PrimaryURL", "References[]"),
        tags=("Type",),
        **fields,
    )


def secrets(path: str, result: str = "^", **more: Any) -> Map:
    """Return the map of secrets at ``path``."""
    return Map(
        each=path,
        kind=Kind.SECRET,
        rule_id="RuleID",
        title="Title",
        severity="Severity",
        location=code(
            path=f"{result}.Target",
            start_line="StartLine",
            end_line="EndLine",
            snippet=call(_snippet, "Code.Lines"),
        ),
        secret=secret(match="Match", type="RuleID"),
        evidence={"match": "Match"},
        tags=("Category",),
        **more,
    )


def licences(path: str, result: str = "^", **more: Any) -> Map:
    """Return the map of licences at ``path``."""
    return Map(
        each=path,
        kind=Kind.LICENCE,
        rule_id="Name",
        title=template("{Name} ({Category}) in {PkgName}{FilePath}"),
        severity="Severity",
        location=first(
            package(name="PkgName", path="FilePath", ecosystem=when("PkgName", f"{result}.Type")),
            code(path="FilePath"),
        ),
        licence=licence(name="Name", category="Category", confidence="Confidence", link="Link"),
        evidence={"licence_text": "Text"},
        **more,
    )


_MODIFIED: dict[str, Any] = {
    "result": "^^",
    "status": lookup("^.Status", {"fixed": ObservationStatus.FIXED}, default=ObservationStatus.SUPPRESSED),
    "suppressions": suppression(
        kind=const("policy"), status=const("accepted"), justification="^.Statement", location="^.Source"
    ),
}


def _suppressed(sort: str, what: Callable[..., Map], **more: Any) -> Map:
    """Return the map of the findings of one sort that ``.trivyignore`` or a VEX document took out of the report."""
    return what(
        "ExperimentalModifiedFindings[].Finding",
        where=call(lambda said: (said or "vulnerability") == sort, "^.Type"),
        **_MODIFIED,
        **more,
    )


RESULT_MAPS = (
    vulnerabilities("Vulnerabilities[]"),
    misconfigurations("Misconfigurations[]"),
    secrets("Secrets[]"),
    licences("Licenses[]"),
    _suppressed(
        "vulnerability", vulnerabilities, vex=vex(status="^.Status", statement="^.Statement", author="^.Source")
    ),
    _suppressed("misconfiguration", misconfigurations),
    _suppressed("secret", secrets),
    _suppressed("license", licences),
)
