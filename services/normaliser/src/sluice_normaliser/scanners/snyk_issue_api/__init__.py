"""Snyk: issues of an organisation or a project, as its REST API gives them."""

from collections.abc import Callable
from typing import Any

from sluice_normaliser.kit import (
    Format,
    Group,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    call,
    code,
    each,
    first,
    fix,
    ident,
    join,
    package,
    peek,
    rating,
    resource,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: token $SNYK_TOKEN" \\
    "https://api.snyk.io/rest/orgs/$ORG/issues?version=2024-10-15&limit=100" > snyk-issues.json
sluice push snyk-issues.json --asset repo:github.com/acme/shop
```
One page of several counts as a part of the issues only: it closes nothing.
"""
_ECOSYSTEMS = {
    "JS": "npm",
    "JAVA": "maven",
    "PYTHON": "pypi",
    "GOLANG": "golang",
    "DOTNET": "nuget",
    "RUBY": "gem",
    "PHP": "composer",
    "RUST": "cargo",
    "COCOAPODS": "cocoapods",
    "HEX": "hex",
    "SWIFT": "swift",
}
"""How Snyk's keys name ecosystems; those of systems (``DEBIAN12``) differ from release to release."""

_KINDS = {"code": Kind.SAST, "cloud": Kind.CSPM, "config": Kind.IAC, "custom": Kind.OTHER, "license": Kind.LICENCE}


def _kind(issue: Any) -> Kind:
    return _KINDS.get(str(issue), Kind.SCA)


def _status(status: Any, ignored: Any) -> Said:
    if str(status) == "resolved":
        return Said(ObservationStatus.FIXED, "resolved")
    return Said(ObservationStatus.SUPPRESSED, "ignored") if ignored is True else Said(ObservationStatus.OPEN, status)


def _whole(following: Any, previous: Any) -> bool:
    """Return whether this is the only page; one that is the first may still link to nothing before it."""
    return not following and (not previous or str(previous).endswith("ending_before="))


def _represented(*path: str) -> Callable[[Any], Any]:
    """Return a function that gives what lies at a path below the first representation that has it."""

    def find(coordinates: Any) -> Any:
        for coordinate in objs(items_of(coordinates)):
            for representation in objs(items_of(coordinate.get("representations"))):
                value: Any = representation
                for name in path:
                    value = obj(value).get(name)
                if value not in (None, "", {}):
                    return value
        return None

    return find


def _at(*path: str) -> call:
    return call(_represented(*path), peek(f"{_A}.coordinates"))


def _fixable(coordinates: Any) -> bool | None:
    """Return whether any of the ways to a fix is open; None where none is told of."""
    told = [
        value
        for each_ in objs(items_of(coordinates))
        for name, value in each_.items()
        if name.startswith("is_") and name.endswith(("able", "able_snyk", "able_manually", "able_upstream"))
    ]
    return any(value is True for value in told) if told else None


def _ecosystem(key: Any) -> str | None:
    """Return the ecosystem that the issue's key names: ``SNYK-JS-LEFT-1``, ``npm:left:20180101``."""
    said = words(key) or ""
    start, _, rest = said.partition("-")
    if start == "SNYK" and rest:
        return _ECOSYSTEMS.get(rest.partition("-")[0])
    return said.partition(":")[0] if said.count(":") > 1 else None


_A = "attributes"
_SOURCE = ("sourceLocation", "region")


def _issue(path: str) -> Map:
    return Map(
        each=path,
        kind=call(_kind, f"{_A}.type"),
        rule_id=f"{_A}.key | {_A}.title",
        title=f"{_A}.title",
        description=f"{_A}.description",
        severity=f"{_A}.effective_severity_level | {_A}.severities[0].level",
        status=call(_status, f"{_A}.status", f"{_A}.ignored"),
        identifiers=(f"{_A}.problems[].id", ident(f"{_A}.key", "snyk")),
        cwes=(f"{_A}.classes[].id",),
        location=first(
            package(
                name=first(_at("dependency", "package_name"), _at("package", "name")),
                version=first(_at("dependency", "package_version"), _at("package", "version")),
                purl=_at("package", "url"),
                ecosystem=first(_at("package", "type"), call(_ecosystem, f"{_A}.key")),
            ),
            code(
                path=_at("sourceLocation", "file"),
                start_line=_at(*_SOURCE, "start", "line"),
                start_column=_at(*_SOURCE, "start", "column"),
                end_line=_at(*_SOURCE, "end", "line"),
                end_column=_at(*_SOURCE, "end", "column"),
            ),
            resource(
                resource=first(_at("resourcePath"), _at("resource_path"), _at("cloud_resource", "resource", "name"))
            ),
        ),
        ratings=each(
            f"{_A}.severities[]",
            rating("source", vector="vector", score="score", severity="level", as_of="modification_time"),
        ),
        fix=fix(
            available=call(_fixable, peek(f"{_A}.coordinates")),
            recommendation=join(f"{_A}.coordinates[].remedies[].description", sep="\n"),
        ),
        references=(f"{_A}.problems[].url",),
        exploit_maturity=f"{_A}.exploit_details.maturity_levels[0].level",
        fingerprints={"snyk": peek("id")},
        tags=(f"{_A}.tool",),
        first_detected_at=f"{_A}.created_at",
        last_detected_at=f"{_A}.updated_at",
        ignore=(f"{_A}.coordinates[].representations",),
    )


_SCAN = ScanMap(complete=call(_whole, "links.next", "links.prev"))

SPEC = ScannerSpec(
    name="snyk_issue_api",
    scanner="snyk",
    title="Snyk (REST API)",
    kinds=(Kind.SCA, Kind.SAST, Kind.IAC, Kind.CSPM, Kind.LICENCE),
    homepage="https://docs.snyk.io/snyk-api",
    setup=_SETUP,
    formats=(
        Format(
            name="snyk-issues-api",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data",),
                any_of=(
                    "data[].attributes.effective_severity_level",
                    "data[].attributes.coordinates[].representations",
                ),
                weight=2,
            ),
            scan=_SCAN,
            maps=(_issue("data[]"),),
        ),
        Format(
            name="snyk-issues-api-list",
            container="json",
            detect=JsonShape(
                root="array",
                any_of=("[].attributes.effective_severity_level", "[].data[].attributes.effective_severity_level"),
                weight=2,
            ),
            maps=(
                Group(each="[]", where=call(lambda page: "data" in obj(page), peek(".")), maps=(_issue("data[]"),)),
                Group(each="[]", where=call(lambda page: "data" not in obj(page), peek(".")), maps=(_issue("."),)),
            ),
        ),
        Format(
            name="snyk-issues-api-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("jsonapi", "data"), lacks=("data[]",), only=("jsonapi", "data", "links", "meta")
            ),
            scan=_SCAN,
            maps=(Map(each="data[]", kind=Kind.SCA, rule_id="id"),),
        ),
    ),
)
