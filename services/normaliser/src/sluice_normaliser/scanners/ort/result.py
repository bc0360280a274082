"""The result of ``ort evaluate`` and ``ort advise``: what each tool of ORT found, by package id."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.scanners.ort.parts import Package, issue, read_package, violation, vulnerability
from sluice_shared.contracts.finding import Observation

_ESCAPES = re.compile(r"\\Q|\\E|\\(?=\W)|^\^|\$$")


class _Resolutions:
    """The resolutions of a run; their patterns are compared as plain texts, as most of them are meant."""

    def __init__(self, document: dict[str, Any]) -> None:
        configuration = obj(obj(document.get("resolved_configuration")).get("resolutions"))
        if not configuration:
            configuration = obj(obj(obj(document.get("repository")).get("config")).get("resolutions"))
        self._found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for kind, field in (("issues", "message"), ("rule_violations", "message"), ("vulnerabilities", "id")):
            for each in objs(configuration.get(kind)):
                text = _ESCAPES.sub("", words(each.get(field)) or "")
                self._found.setdefault((kind, text), []).append(each)

    def of(self, kind: str, text: Any) -> list[dict[str, Any]]:
        """Return what settles a message or an id."""
        return self._found.get((kind, words(text) or ""), [])


def result(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the violations, the vulnerabilities and the issues of a result."""
    root = obj(document)
    packages = _packages(root)
    resolutions = _Resolutions(root)
    for each in objs(obj(root.get("evaluator")).get("violations")):
        package = _of(packages, each.get("pkg"))
        settled = resolutions.of("rule_violations", each.get("message"))
        yield violation(each, package, words(each.get("license")), settled, reading)
    advisor = obj(root.get("advisor"))
    for name, advised in obj(advisor.get("results") or obj(advisor.get("run")).get("results")).items():
        for one in objs(advised):
            source = words(obj(one.get("advisor")).get("name"))
            for each in objs(one.get("vulnerabilities")):
                settled = resolutions.of("vulnerabilities", each.get("id"))
                yield vulnerability(each, _of(packages, name), source, settled, reading)
            for each in objs(obj(one.get("summary")).get("issues")):
                yield issue(each, _of(packages, name), resolutions.of("issues", each.get("message")), reading)
    for name, listed in obj(obj(obj(root.get("analyzer")).get("result")).get("issues")).items():
        for each in objs(listed):
            yield issue(each, _of(packages, name), resolutions.of("issues", each.get("message")), reading)


def _packages(root: dict[str, Any]) -> dict[str, Package]:
    analysed = obj(obj(root.get("analyzer")).get("result"))
    listed = [*objs(analysed.get("projects")), *objs(analysed.get("packages"))]
    # curated packages stood one level deeper before version 4
    found = [read_package(obj(each.get("package")) or each) for each in listed]
    return {each.id: each for each in found}


def _of(packages: dict[str, Package], name: Any) -> Package | None:
    said = words(name)
    return None if said is None else packages.get(said) or Package(said)
