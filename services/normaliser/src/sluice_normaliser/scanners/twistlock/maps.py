"""What the command line tool, the console's API and its CSV say about an image."""

import re
from typing import Any

from sluice_normaliser.kit import (
    Group,
    Map,
    Said,
    by,
    call,
    compliance,
    const,
    each,
    first,
    fix,
    host,
    ident,
    image,
    image_key,
    image_name,
    matching,
    package,
    peek,
    plain,
    rating,
    resource,
    split,
    template,
    timestamp,
    when,
)
from sluice_normaliser.kit.coerce import strings, text
from sluice_normaliser.kit.packages import build_purl
from sluice_normaliser.kit.shapes import obj, objs
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, ObservationStatus

_FIXED = re.compile(r"fixed in (.+)", re.IGNORECASE)
_TYPES = {
    "nodejs": "npm",
    "jar": "maven",
    "java": "maven",
    "go": "golang",
    "python": "pypi",
    "gem": "gem",
    "ruby": "gem",
}
_NO_TYPE = frozenset({"os", "image", "container", "host", "app", "binary", "windows", "custom", ""})


def _status(said: Any) -> Said:
    """Return the status of a fix status: only what does not affect the image is no problem."""
    word = text(said)
    lower = (word or "").strip().lower()
    if lower in {"not affected", "not-affected", "not_affected"}:
        return Said(ObservationStatus.NOT_APPLICABLE, word)
    return Said(ObservationStatus.OPEN, word)


def _fixed(said: Any) -> list[str]:
    """Return the versions in ``fixed in 1.0.3, 2.0.0``."""
    found = _FIXED.match((text(said) or "").strip())
    return (
        [part.strip().rstrip(".").lstrip(">= ") for part in found.group(1).split(",") if part.strip()] if found else []
    )


def _ecosystem(kind: Any, system: Any) -> str | None:
    """Return the language's ecosystem, or for packages of the system its distribution (``Debian GNU/Linux 9``)."""
    word = (text(kind) or "").strip().lower()
    if word not in _NO_TYPE:
        return _TYPES.get(word, word)
    if word in {"os", ""}:
        return re.split(r"[\s:-]", (text(system) or "").strip().lower(), maxsplit=1)[0] or None
    return None


def _purl(packages: Any, version: Any, kind: Any, system: Any) -> str | None:
    """Return the purl of the first of packages that are listed together (``libssl1.1,openssl``)."""
    ecosystem, named = _ecosystem(kind, system), (text(packages) or "").split(",")
    return build_purl(ecosystem, named[0].strip(), text(version)) if ecosystem and named[0].strip() else None


def _listed(packages: Any, version: Any) -> list[str]:
    names = [name.strip() for name in (text(packages) or "").split(",")]
    return [f"{name}@{text(version) or ''}" for name in names[1:] if name]


def _risks(found: Any) -> list[str]:
    return list(found) if isinstance(found, dict) else strings(found)


def _part(index: int) -> Any:
    """Return what finds the name, the tag or the digest of an image reference."""

    def find(reference: Any) -> str | None:
        found = text(reference)
        return image_name(found)[index] if found and not found.startswith("sha256:") else None

    return find


def _joined(registry: Any, repository: Any) -> str | None:
    parts = [part.strip("/ ") for part in (text(registry), text(repository)) if part]
    return "/".join(part for part in parts if part) or None


def _of_tag(tag: Any) -> str | None:
    """Return the image of ``repoTag: {registry, repo, tag}``."""
    about = obj(tag)
    return _joined(about.get("registry"), about.get("repo"))


def _instruction(layers: Any) -> str | None:
    return next((text(layer.get("instruction")) for layer in objs(layers)), None)


def _vulnerabilities(each_: str, of: str, names: dict[str, Any], identity: str) -> Map:
    """Return the map of vulnerabilities below a result; ``names`` are the fields of its image."""
    return Map(
        each=each_,
        kind=Kind.CONTAINER,
        rule_id=identity,
        title=template(f"{{{identity}}} in {{packageName}} {{packageVersion}}"),
        description="description",
        severity="severity",
        status=call(_status, "status"),
        identifiers=(ident(identity, "vendor", source=const("prisma")),),
        cwes=("cwe", "cwes[]"),
        location=package(
            name="packageName",
            version="packageVersion",
            purl="purl",
            ecosystem=call(_ecosystem, "packageType | type", f"{of}.distro | {of}.osDistro"),
            fixed_versions=call(_fixed, "status"),
            affected_range=call(lambda listed: ", ".join(strings(listed)) or None, "impactedVersions"),
            path="packagePath | path | binaryPkgs[0]",
            image=image(**names),
        ),
        ratings=rating(const("prisma"), vector="vector | vecStr", score="cvss", severity="severity"),
        references=("link",),
        exploit_maturity="exploit",
        tags=(call(_risks, "riskFactors"), "vulnTagInfos[].name"),
        first_detected_at="discoveredDate | discovered",
        published_at="publishedDate | published",
        fix=fix(available=call(lambda date: bool(date) or None, "fixDate")),
    )


def _compliance(each_: str, of: str, names: dict[str, Any]) -> Map:
    """Return the map of compliance issues below a result."""
    return Map(
        each=each_,
        kind=Kind.COMPLIANCE,
        rule_id="id | title",
        title="title",
        description=plain("description"),
        message="cause",
        severity="severity",
        identifiers=(ident(matching("title", r"(CIS_[\w.]+ - [\d.]+)"), scheme="cis"),),
        location=resource(
            resource=first(names["name"], f"{of}.id | {of}._id"),
            resource_type=const("image"),
            provider=const("container"),
        ),
        compliance=each("templates[]", compliance(standard=".")),
        tags=("category", "type"),
    )


_NAMES = {
    "name": call(_part(0), "^.name"),
    "tag": call(_part(1), "^.name"),
    "digest": "^.digest",
    "image_id": "^.id",
    "os": "^.distro",
    "instruction": call(_instruction, peek("layers")),
}
RESULT_MAPS = (_vulnerabilities("vulnerabilities[]", "^", _NAMES, "id"), _compliance("compliances[]", "^", _NAMES))


def _api(path: str) -> Group:
    names = {
        "name": call(_of_tag, peek("^.repoTag")),
        "tag": "^.repoTag.tag",
        "image_id": "^.id | ^._id",
        "os": "^.distro | ^.osDistro",
    }
    return Group(
        each=path,
        maps=(_vulnerabilities("vulnerabilities[]", "^", names, "cve"), _compliance("complianceIssues[]", "^", names)),
    )


API_MAPS = (_api("."), _api("entityInfo"))

_SYSTEM = "Distro"


def _kind(cve: Any, repository: Any, host: Any) -> Kind:
    """Return the kind of a row: vulnerabilities are those of an image, or of a host where no image is named."""
    if not text(cve):
        return Kind.COMPLIANCE
    return Kind.HOST if text(host) and not text(repository) else Kind.CONTAINER


def whose(observation: Observation) -> str | None:
    """Return the asset of a row: its image, or its host."""
    place = next((each_ for each_ in observation.related_locations if isinstance(each_, HostLocation)), None)
    return image_key(observation) or (f"host:{place.host}" if place and place.host else None)


_KIND = first("Type 2", "Type")
ROW = Map(
    kind=call(_kind, "CVE ID", "Repository", "Hostname"),
    rule_id="CVE ID | Compliance ID",
    title=first(when("CVE ID", template("{CVE ID} in {Packages} {Package Version}")), "Description", "Cause"),
    description="Description",
    message="Cause",
    severity=by("Severity"),
    status=call(_status, "Fix Status"),
    identifiers=(ident("CVE ID", "vendor", source=const("prisma")),),
    location=first(
        package(
            name="Packages",
            version="Package Version",
            purl=call(_purl, "Packages", "Package Version", _KIND, _SYSTEM),
            fixed_versions=call(_fixed, "Fix Status"),
            path="Package Path",
            image=when(
                "Repository",
                image(
                    name=call(_joined, "Registry", "Repository"),
                    tag="Tag",
                    digest="Digest",
                    image_id="Id",
                    os=_SYSTEM,
                    instruction="Layer",
                ),
            ),
        ),
        resource(
            resource=call(_joined, "Registry", "Repository"), resource_type=const("image"), provider=const("container")
        ),
        resource(resource="Hostname", resource_type=const("host")),
    ),
    related_locations=when("Repository", const(None), when("Hostname", host(host="Hostname", os=_SYSTEM))),
    ratings=rating(const("prisma"), vector="CVSS Vector", score="CVSS", severity="Severity"),
    references=("Vulnerability Link",),
    tags=(split("Risk Factors"), split("Vulnerability Tags"), call(_listed, "Packages", "Package Version")),
    first_detected_at=timestamp("Discovered", "%Y-%m-%d %H:%M:%S.%f"),
    published_at=timestamp("Published", "%Y-%m-%d %H:%M:%S.%f"),
)
