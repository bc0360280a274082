"""CycloneDX in XML, turned into what the same document is in JSON."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_LISTS: Mapping[str, str] = MappingProxyType(
    {
        "components": "component",
        "services": "service",
        "vulnerabilities": "vulnerability",
        "references": "reference",
        "ratings": "rating",
        "cwes": "cwe",
        "recommendations": "recommendation",
        "advisories": "advisory",
        "responses": "response",
        "affects": "target",
        "versions": "version",
        "properties": "property",
        "organizations": "organization",
        "individuals": "individual",
        "hashes": "hash",
        "licenses": "license",
        "occurrences": "occurrence",
        "dependencies": "dependency",
    }
)
_RENAMED: Mapping[str, str] = MappingProxyType({"responses": "response"})
_TEXT: Mapping[str, str] = MappingProxyType({"property": "value", "hash": "content"})


def as_json(document: Any) -> dict[str, Any]:
    """Return the document with lists for the elements that hold them, and attributes as plain entries."""
    found = _value("bom", document)
    return found if isinstance(found, dict) else {}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_value(name, item) for item in value]
    if not isinstance(value, dict):
        return value
    if name == "tools" and "tool" in value:
        return _listed(value["tool"], "tool")
    inner = _LISTS.get(name)
    if inner is not None:
        return _listed(value.get(inner), inner)
    if name == "dependency":
        depends = _listed(value.get("dependency"), "ref")
        return {"ref": value.get("@ref"), "dependsOn": [each.get("ref") for each in depends if isinstance(each, dict)]}
    return {
        _RENAMED.get(key, _TEXT.get(name, key) if key == "#text" else key.removeprefix("@")): _value(key, item)
        for key, item in value.items()
    }


def _listed(value: Any, name: str) -> list[Any]:
    items = value if isinstance(value, list) else [] if value is None or value == "" else [value]
    return [_value(name, item) for item in items]
