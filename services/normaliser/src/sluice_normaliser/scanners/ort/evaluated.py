"""The evaluated model: lists whose items refer to each other by their ``_id``."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.scanners.ort.parts import issue, read_package, violation, vulnerability
from sluice_shared.contracts.finding import Observation


def _by_id(items: Any) -> dict[Any, dict[str, Any]]:
    return {each.get("_id"): each for each in objs(items)}


def evaluated(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the violations, the vulnerabilities and the issues of a model."""
    model = obj(document)
    packages = {key: read_package(each) for key, each in _by_id(model.get("packages")).items()}
    licences = {key: words(each.get("id")) for key, each in _by_id(model.get("licenses")).items()}

    def settled(given: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        known = resolutions[kind]
        return [known[key] for key in arr(given.get("resolutions")) if key in known]

    resolutions = {
        kind: _by_id(model.get(f"{kind}_resolutions")) for kind in ("rule_violation", "vulnerability", "issue")
    }
    for each in objs(model.get("rule_violations")):
        licence = licences.get(each.get("license"))
        yield violation(each, packages.get(each.get("pkg")), licence, settled(each, "rule_violation"), reading)
    for each in objs(model.get("vulnerabilities")):
        yield vulnerability(each, packages.get(each.get("pkg")), None, settled(each, "vulnerability"), reading)
    for each in objs(model.get("issues")):
        yield issue(each, packages.get(each.get("pkg")), settled(each, "issue"), reading)
