"""OSV-Scanner: known vulnerabilities of dependencies and images, and licences that are not allowed."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScannerSpec,
    by,
    call,
    const,
    construct,
    each,
    ident,
    licence,
    package,
    peek,
    rating,
    reference,
    template,
)
from sluice_normaliser.kit.cvss import read_vector
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import ImageRef, Kind, ObservationStatus

_SETUP = """
```sh
osv-scanner scan source -r . --format json --output-file osv.json        # version 1: osv-scanner -r . --json
sluice push osv.json --asset repo:github.com/acme/shop
osv-scanner scan image registry.acme.io/shop:1.4 --format json --output-file osv.json
sluice push osv.json --asset image:registry.acme.io/shop
```
OSV-Scanner ends with status 1 when it found something; that is no failure.
"""
_SYSTEMS = (
    "Alpine",
    "Debian",
    "Ubuntu",
    "Red Hat",
    "Rocky",
    "Alma",
    "SUSE",
    "openSUSE",
    "Wolfi",
    "Chainguard",
    "Photon",
)


def _kind(ecosystem: Any, source_type: Any) -> Kind:
    of_system = str(ecosystem or "").startswith(_SYSTEMS)
    return Kind.CONTAINER if of_system or source_type in {"docker", "os", "artifact"} else Kind.SCA


def _ecosystem(value: Any) -> str | None:
    """Return ``Debian`` of ``Debian:12``."""
    name = (words(value) or "").split(":", 1)[0]
    return {"red hat": "redhat", "rocky linux": "rocky", "alpaquita": "apk"}.get(name.lower(), name) or None


def _of_package(affected: Any, name: Any) -> list[dict[str, Any]]:
    listed = objs(affected)
    own = [each_ for each_ in listed if str(obj(each_.get("package")).get("name")).lower() == str(name).lower()]
    return own or listed


def _events(affected: Any, name: Any, key: str) -> list[str]:
    found: dict[str, None] = {}
    for entry in _of_package(affected, name):
        for span in objs(entry.get("ranges")):
            if span.get("type") == "GIT":
                continue
            found.update(dict.fromkeys(str(event[key]) for event in objs(span.get("events")) if event.get(key)))
    return list(found)


def _fixed(affected: Any, name: Any) -> list[str]:
    return _events(affected, name, "fixed")


def _range(affected: Any, name: Any) -> str | None:
    """Return ``>=1.0.0, <1.2.3 || >=2.0.0`` from the events of the ranges."""
    spans: list[str] = []
    signs = {"introduced": ">=", "fixed": "<", "last_affected": "<=", "limit": "<"}
    for entry in _of_package(affected, name):
        for span in objs(entry.get("ranges")):
            if span.get("type") == "GIT":
                continue
            bounds = [f"{signs[k]}{v}" for event in objs(span.get("events")) for k, v in event.items() if k in signs]
            if bounds:
                spans.append(", ".join(bounds))
    return " || ".join(dict.fromkeys(spans)) or None


def _group(groups: Any, id_: Any) -> dict[str, Any]:
    for group in objs(groups):
        if id_ in arr(group.get("ids")) or id_ in arr(group.get("aliases")):
            return group
    return {}


def _worst(groups: Any, id_: Any) -> Any:
    return _group(groups, id_).get("max_severity") or None


def _analysis(groups: Any, id_: Any) -> dict[str, Any]:
    group = _group(groups, id_)
    return obj(obj(group.get("experimental_analysis") or group.get("experimentalAnalysis")).get(id_))


def _reached(groups: Any, id_: Any) -> Any:
    return _analysis(groups, id_).get("called")


def _status(groups: Any, id_: Any) -> Said | None:
    """Tell apart what call analysis or the distribution says does not matter; the tool lists it, but apart."""
    told = _analysis(groups, id_)
    if told.get("called") is False:
        return Said(ObservationStatus.NOT_APPLICABLE, "uncalled")
    return Said(ObservationStatus.NOT_APPLICABLE, "unimportant") if told.get("unimportant") is True else None


def _score(severities: Any) -> float | None:
    """Return the highest score that the vectors come to."""
    read = [read_vector(words(each_.get("score")) or "") for each_ in objs(severities)]
    return max((found.score for found in read if found and found.score is not None), default=None)


def _word(severities: Any) -> str | None:
    """Return the severity where it is given in words, as Ubuntu does."""
    said = (words(each_.get("score")) for each_ in objs(severities))
    return next((word for word in said if word and word.replace(" ", "").isalpha()), None)


def _image(source_path: Any, source_type: Any, details: Any, metadata: Any) -> ImageRef | None:
    about = obj(metadata)
    if not about and source_type != "docker":
        return None
    index = obj(details).get("index")
    layers = objs(about.get("layer_metadata"))
    layer = layers[index] if isinstance(index, int) and 0 <= index < len(layers) else {}
    name = words(source_path) if source_type == "docker" else None
    return construct(
        ImageRef,
        {
            "name": name,
            "os": words(about.get("os")),
            "layer_diff_id": words(layer.get("diff_id")),
            "layer_index": index if isinstance(index, int) else None,
            "instruction": words(layer.get("command")),
        },
    )


_SEVERITIES = "severity[] | affected[0].severity[]"
_GROUPS = peek("^.groups")

VULNERABILITIES = Map(
    each="results[].packages[].vulnerabilities[]",
    kind=call(_kind, "^.package.ecosystem", "^^.source.type"),
    rule_id="id",
    title="summary",
    description="details | summary",
    message=template("{^.package.name} {^.package.version} is affected by {id}"),
    severity=[
        by("database_specific.severity", source=const("database")),
        by("affected[0].database_specific.severity | affected[0].ecosystem_specific.severity"),
        by(call(_word, peek(_SEVERITIES))),
        by(call(_worst, _GROUPS, "id"), "cvss", source=const("cvss")),
        by(call(_score, peek(_SEVERITIES)), "cvss", source=const("cvss")),
        by("affected[0].ecosystem_specific.urgency"),
    ],
    status=call(_status, _GROUPS, "id"),
    identifiers=(ident("id", "osv"), ident("aliases[]", "osv"), ident("upstream[]", "osv")),
    cwes=("database_specific.cwe_ids[]", "database_specific.cwes[].cweId", "affected[].database_specific.cwes[].cweId"),
    location=package(
        name="^.package.name",
        version="^.package.version | ^.package.commit",
        ecosystem=call(_ecosystem, "^.package.ecosystem"),
        path="^^.source.path",
        fixed_versions=call(_fixed, peek("affected"), "^.package.name"),
        affected_range=call(_range, "affected", "^.package.name"),
        scope="^.dependency_groups[0] | ^.dep_groups[0]",
        reachable=call(_reached, _GROUPS, "id"),
        image=call(
            _image,
            "^^.source.path",
            "^^.source.type",
            "^.package.image_origin_details | ^.package.imageOrigin",
            peek("$.image_metadata"),
        ),
    ),
    ratings=(
        each("severity[]", rating(const("osv"), vector="score")),
        each("affected[].severity[]", rating(const("osv"), vector="score")),
        rating(const("osv"), severity="database_specific.severity"),
    ),
    references=each(
        "references[]", reference(url="url", type=call(lambda said: str(said or "").lower() or None, "type"))
    ),
    tags="^.dependency_groups[] | ^.dep_groups[]",
    published_at="published",
    ignore=("schema_version", "affected", "severity[].type"),
)

LICENCES = Map(
    each="results[].packages[].license_violations[]",
    kind=Kind.LICENCE,
    rule_id=template("licence-{.}"),
    title=template("{^.package.name} {^.package.version} is under {.}, which is not allowed"),
    location=package(
        name="^.package.name",
        version="^.package.version",
        ecosystem=call(_ecosystem, "^.package.ecosystem"),
        path="^^.source.path",
    ),
    licence=licence(name=".", spdx_id="."),
)

SPEC = ScannerSpec(
    name="osv_scanner",
    title="OSV-Scanner",
    kinds=(Kind.SCA, Kind.CONTAINER, Kind.LICENCE),
    homepage="https://google.github.io/osv-scanner",
    setup=_SETUP,
    aliases=("osv",),
    formats=(
        Format(
            name="osv-scanner-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=(
                    "results[].packages[].package",
                    "results[].packages[].vulnerabilities",
                    "results[].packages[].groups",
                    "results[].source.type",
                    "experimental_config",
                    "image_metadata",
                    "license_summary",
                ),
            ),
            maps=(VULNERABILITIES, LICENCES),
        ),
        Format(
            name="osv-scanner-json-nothing",
            container="json",
            detect=JsonShape(root="object", has=("results",), lacks=("results[]",), only=("results",), weight=-2),
            maps=(VULNERABILITIES,),
        ),
    ),
)
