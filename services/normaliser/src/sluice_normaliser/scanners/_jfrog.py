"""What JFrog Xray's reports share: its names of components, and scores and vectors in one text."""

import re
from typing import Any

from packageurl import PackageURL

from sluice_normaliser.kit.coerce import strings, text
from sluice_normaliser.kit.packages import purl_type

_TYPES = {"gav": "maven", "go": "golang", "alpine": "apk", "composer": "composer", "rpm": "rpm", "deb": "deb"}
_SYSTEMS = frozenset({"rpm", "deb", "apk"})
_RPM_WITH_EPOCH = 4
"""Parts of ``7:openssl:1:1.0.2k-19.el7``: distribution, name, epoch, version."""
_DEB_WITH_EPOCH = 5
"""Parts of ``debian:stretch:libx11:2:1.6.4-3``: distribution, release, name, epoch, version."""
_VECTOR = re.compile(r"(?:CVSS:[\d.]+/)?AV:\S+")


def split_component(component: Any) -> tuple[str, str, str, str] | None:
    """Return type, name, epoch and version of ``npm://jquery:3.4.1`` and the like."""
    kind, separator, rest = (text(component) or "").strip().partition("://")
    if not separator or not rest:
        return None
    kind = _TYPES.get(kind.lower(), kind.lower())
    parts = rest.split(":")
    if kind == "rpm" and len(parts) >= _RPM_WITH_EPOCH:
        return kind, parts[-3], parts[-2], parts[-1]
    if kind == "deb" and len(parts) >= _DEB_WITH_EPOCH:
        return kind, parts[-3], "", f"{parts[-2]}:{parts[-1]}"
    if kind in _SYSTEMS and len(parts) > 2:  # noqa: PLR2004 - distribution, name, version
        return kind, parts[-2], "", parts[-1]
    name, _, version = rest.rpartition(":")
    return (kind, name, "", version) if name else (kind, rest, "", "")


def name(component: Any) -> str | None:
    """Return the package's name; what is no component is a name itself."""
    found = split_component(component)
    return found[1] if found else text(component)


def version(component: Any) -> str | None:
    """Return the package's version, without the epoch of an rpm."""
    found = split_component(component)
    return found[3] or None if found else None


def purl(component: Any) -> str | None:
    """Return the purl of a component of a type that purl knows."""
    found = split_component(component)
    if found is None or purl_type(found[0]) is None:
        return None
    kind, full, epoch, release = found
    group, _, bare = full.rpartition(":" if kind == "maven" else "/")
    given = {"epoch": epoch} if epoch and epoch != "0" else None
    return PackageURL(
        type=purl_type(kind), namespace=group or None, name=bare, version=release or None, qualifiers=given
    ).to_string()


def is_system(component: Any) -> bool:
    """Return whether the component is a package of an operating system."""
    found = split_component(component)
    return found is not None and found[0] in _SYSTEMS


def fixed(listed: Any) -> list[str]:
    """Return the versions of ``≥ 1.2.3`` or ``[1.2.3]``."""
    return [each.lstrip("≥>= ").strip("[]() ") for each in strings(listed)]


def score(said: Any) -> str | None:
    """Return the score of ``9.8/CVSS:3.0/AV:N/…``."""
    number = (text(said) or "").partition("/")[0]
    return number or None


def vector(said: Any) -> str | None:
    """Return the vector of ``9.8/CVSS:3.0/AV:N/…``."""
    found = _VECTOR.search(text(said) or "")
    return found[0].removeprefix("CVSS:2.0/") if found else None
