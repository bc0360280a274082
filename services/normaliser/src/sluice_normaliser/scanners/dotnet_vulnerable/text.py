"""The tables that dotnet prints for people: a project, a framework, and below it a line a vulnerability."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Map, Reading, const, package, template
from sluice_shared.contracts.finding import Kind, Observation

_PROJECT = re.compile(r"(?i)project `(?P<name>[^`\n]+)` has the following vulnerable packages")
_FRAMEWORK = re.compile(r"^\s*\[(?P<name>[^\]\n]+)\]:")
_HEADING = re.compile(r"^\s*(?P<name>Top-level|Transitive) Package", re.IGNORECASE)
_PACKAGE = re.compile(r"^\s*>\s+(?P<name>\S+)(?P<rest>.*)$")
_ADVISORY = re.compile(r"(?P<severity>[A-Za-z]+)\s+(?P<url>https?://\S+)\s*$")
_ROW = Map(
    kind=Kind.SCA,
    rule_id="url",
    title=template("{name} {version}: {url}"),
    severity="severity",
    identifiers="url",
    location=package(name="name", version="version", ecosystem=const("nuget"), path="project", direct="direct"),
    references="url",
    tags="framework",
).compile()


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each advisory; further ones of a package stand on lines without its name."""
    for number, row in enumerate(_rows(str(document))):
        yield from _ROW.run((None, None, number, row), reading)


def _rows(told: str) -> Iterator[dict[str, Any]]:
    about: dict[str, Any] = {}
    for line in told.splitlines():
        if found := _PROJECT.search(line):
            about = {"project": found["name"]}
        elif found := _FRAMEWORK.match(line):
            about = {"project": about.get("project"), "framework": found["name"]}
        elif found := _HEADING.match(line):
            about["direct"] = found["name"].lower().startswith("top")
        advisory = _ADVISORY.search(line)
        if found := _PACKAGE.match(line):
            cells = (found["rest"][: -len(advisory[0])] if advisory else found["rest"]).split()
            version = next((cell for cell in reversed(cells) if cell[:1].isdigit()), None)
            about |= {"name": found["name"], "version": version}
        if advisory is not None and "name" in about:
            yield {**about, **advisory.groupdict()}
