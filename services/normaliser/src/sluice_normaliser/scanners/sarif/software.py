"""Packages in SARIF: the format has no place for them, so each tool puts them into its messages in its own way."""

import re
from typing import Any

from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.packages import TYPES, complete, read_purl, versions
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import CodeLocation, Location, PackageLocation

_MESSAGES = (
    # Trivy
    re.compile(
        r"Package: (?P<name>\S+)\s*\n(?:Installed )?Version: (?P<version>\S*)[\s\S]*?"
        r"(?:\nFixed Version: (?P<fixed>[^\n]*)|\Z)"
    ),
    # Grype
    re.compile(
        r"(?:reports|is) (?P<name>\S+) at version (?P<version>\S+)\s+(?:that is vulnerable|which (?:would|is|are)).*?"
        r"\((?P<ecosystem>[\w-]+)\) package",
        re.DOTALL,
    ),
    # OSV-Scanner
    re.compile(r"^Package '(?P<name>[^'@]+)@(?P<version>[^']+)' is vulnerable"),
    # Snyk
    re.compile(r"introduces a vulnerable (?P<name>\S+) package"),
    # npm and others: name@version
    re.compile(r"^(?:Vulnerable dependency|Package) (?P<name>@?[^\s@]+)@(?P<version>\S+)"),
)
_PURL_KEYS = ("purl", "packageUrl", "package_url", "packageURL", "PURL")
_NAME_KEYS = ("packageName", "package_name", "pkgName", "package", "dependency", "componentName", "artifact_name")
_VERSION_KEYS = (
    "packageVersion",
    "package_version",
    "installedVersion",
    "installed_version",
    "version",
    "componentVersion",
)
_FIXED_KEYS = ("fixedVersion", "fixedVersions", "fixed_version", "fixed_versions", "fixVersions")
_ECOSYSTEM_KEYS = ("ecosystem", "packageType", "package_type", "packageManager", "language")
_NAME_VERSION = re.compile(r"^(?P<name>@?[^@\s]+)@(?P<version>[^@\s]+)$")


def _of(bag: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((found for key in keys if bag.get(key).__class__ in {str, list} and (found := words(bag[key]))), None)


def package_of(
    result: dict[str, Any], tags: list[str], message: str | None, primary: Location | None
) -> PackageLocation | None:
    """Return the package a result is about: from its properties, its logical locations, its message; or None.

    The ecosystem may be among the rule's ``tags``.
    """
    bag = obj(result.get("properties"))
    values: dict[str, Any] = {
        "purl": _of(bag, _PURL_KEYS) or _logical_purl(result),
        "name": _of(bag, _NAME_KEYS),
        "version": _of(bag, _VERSION_KEYS),
        "ecosystem": _of(bag, _ECOSYSTEM_KEYS),
        "fixed_versions": versions(_of(bag, _FIXED_KEYS)),
    }
    if not values["purl"] and not values["name"]:
        values |= _in_message(message or "")
    if not values["purl"] and not values["version"]:
        _from_logical_name(result, values)
    if not values["purl"] and not values["name"]:
        return None
    if not values["ecosystem"]:
        values["ecosystem"] = next((tag for tag in tags if tag.lower() in TYPES), None)
    if primary.__class__ is CodeLocation and isinstance(primary, CodeLocation) and primary.path:
        values["path"], values["line"] = primary.path, primary.start_line
    done = complete(values)
    return construct(PackageLocation, done) if done is not None else None


def _in_message(message: str) -> dict[str, Any]:
    for pattern in _MESSAGES:
        match = pattern.search(message)
        if match:
            found = match.groupdict()
            return {
                "name": found.get("name"),
                "version": found.get("version") or None,
                "ecosystem": found.get("ecosystem"),
                "fixed_versions": versions(found.get("fixed")),
            }
    return {}


def _names(result: dict[str, Any]) -> list[str]:
    return [
        name
        for location in objs(result.get("locations"))
        for logical in objs(location.get("logicalLocations"))
        if (name := words(logical.get("fullyQualifiedName")))
    ]


def _logical_purl(result: dict[str, Any]) -> str | None:
    return next((name for name in _names(result) if name.startswith("pkg:") and read_purl(name)), None)


def _from_logical_name(result: dict[str, Any], values: dict[str, Any]) -> None:
    for name in _names(result):
        match = _NAME_VERSION.match(name)
        if match:
            values["name"] = values["name"] or match.group("name")
            values["version"] = match.group("version")
            return
