"""What Anchore's reports have in common: the sentences of its policy checks, and how it names packages."""

import re
from typing import Any, NamedTuple

from sluice_normaliser.kit import Grade, clean_path, construct, grade, image_name
from sluice_normaliser.kit.images import ImageName
from sluice_normaliser.kit.packages import purl_type
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import ImageRef, Kind, Location, PackageLocation, ResourceLocation

_VULNERABLE = re.compile(
    r"^(?P<severity>\w+) Vulnerability found in (?:non-os|os) package type \((?P<type>[^)]*)\) - (?P<package>.+?)"
    r"(?:\s*\(fix(?:ed)? (?:in|versions?):?\s*(?P<fixed>[^()]*)\))?\s*\((?P<id>[^\s()]+)(?: - (?P<url>[^()\s]*))?\)",
    re.IGNORECASE,
)
_FILE = re.compile(r"(?<![\w:/.])/[\w.+@-][^\s,;'\"()]*")
_KINDS = {
    "licenses": Kind.LICENCE,
    "secret_scans": Kind.SECRET,
    "malware": Kind.MALWARE,
}


_SYSTEMS = frozenset({"debian", "ubuntu", "alpine", "rhel", "centos", "amzn", "ol", "sles", "rocky", "alma", "mariner"})
_TYPES = {"apkg": "apk", "apk": "apk", "dpkg": "deb", "deb": "deb", "rpm": "rpm"}


def said(value: Any) -> str | None:
    """Return the words; ``None`` written out says nothing."""
    found = words(value)
    return None if found is None or found.lower() in {"none", "n/a", "unknown"} else found


def ecosystem(kind: Any, group: Any) -> str | None:
    """Return the distribution (of ``debian:12``) for its packages, else what kind of package it is."""
    package, system = (words(kind) or "").lower(), (words(group) or "").split(":", 1)[0].lower()
    if package in _TYPES:
        return system if system in _SYSTEMS else _TYPES[package]
    return package or None


class Vulnerable(NamedTuple):
    """What the sentence of the gate *vulnerabilities* holds."""

    severity: str
    type: str
    package: str
    fixed: str | None
    identifier: str
    url: str | None


def vulnerable(output: Any) -> Vulnerable | None:
    """Return the parts of ``HIGH Vulnerability found in os package type (rpm) - zlib (CVE-1 - https://…)``."""
    found = _VULNERABLE.match(words(output) or "")
    if found is None:
        return None
    return Vulnerable(
        found["severity"], found["type"], found["package"].strip(), found["fixed"], found["id"], found["url"]
    )


def kind(gate: Any) -> Kind:
    """Return the kind of a check by its gate."""
    return _KINDS.get((words(gate) or "").lower(), Kind.CONTAINER)


def severity(output: Any, action: Any) -> Grade:
    """Return the severity of the vulnerability, else what the policy does about the check."""
    found = vulnerable(output)
    return grade(found.severity) if found else grade(words(action), "anchore-action")


def location(output: Any, trigger: Any, tag: Any, digest: Any = None) -> Location | None:
    """Return the package in the image, else the image; ``trigger`` is the id of the result (``CVE-1+zlib``)."""
    name = image_name(words(tag) or "") if words(tag) else ImageName("")
    image = {
        key: value
        for key, value in {"name": name.name, "tag": name.tag, "digest": words(digest) or name.digest}.items()
        if value
    }
    found = vulnerable(output)
    if found is None:
        return _image(words(tag) or words(digest), name.name, words(output))
    values: dict[str, Any] = {"name": _name(found, trigger)}
    if found.package.startswith("/"):
        values["path"] = clean_path(found.package)
    if (type_ := purl_type(found.type)) is not None:
        values["ecosystem"] = type_
    if found.fixed:
        values["fixed_versions"] = [part.strip() for part in found.fixed.split(",") if part.strip()]
    if image:
        values["image"] = construct(ImageRef, image)
    return construct(PackageLocation, values)


def _image(place: str | None, name: str, output: str | None) -> ResourceLocation | None:
    """Return the image, and the file in it that a check names."""
    if place is None:
        return None
    file = _FILE.search(output or "")
    values = {
        "resource": place,
        "resource_type": "image",
        "name": name,
        "path": clean_path(file.group()) if file else None,
    }
    return construct(ResourceLocation, {key: value for key, value in values.items() if value})


def _name(found: Vulnerable, trigger: Any) -> str:
    """Return the name of a package, which the id of the result ends with; a file is named after itself."""
    named = (words(trigger) or "").partition("+")[2]
    return named or found.package.rpartition("/")[2] or found.package
