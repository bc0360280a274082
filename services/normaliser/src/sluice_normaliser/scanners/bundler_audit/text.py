"""What bundler-audit prints: a paragraph of ``Name: value`` lines for every vulnerable gem."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.identifiers import find, make
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.shapes import arr, words
from sluice_shared.contracts.finding import (
    Fix,
    Identifier,
    Kind,
    Observation,
    PackageLocation,
    Severity,
    UrlLocation,
)

_LINE = re.compile(
    r"^(?P<name>Name|Version|CVE|GHSA|OSVDB|Advisory|Criticality|URL|Title|Solution|Date): *(?P<value>.*)$"
)
_SOURCE = re.compile(r"^Insecure Source URI found: *(?P<uri>\S+)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_VERSION = re.compile(r"(?<![<!])(?:~>|>=|=|>)\s*(\d[\w.+-]*)")
_OSVDB = re.compile(r"OSVDB-(\d+)")


def fixed(patched: Any) -> list[str]:
    """Return the versions that ``~> 2.1.3, >= 2.2.0`` begins with; ``< 3.0.0`` only ends a range."""
    listed = patched if isinstance(patched, list) else [patched]
    return list(dict.fromkeys(found for each in listed for found in _VERSION.findall(words(each) or "")))


def is_available(patched: Any) -> bool | None:
    """Return whether there is a fixed version; None where nothing is said."""
    return bool(arr(patched)) if isinstance(patched, list) else None


def read(document: str, reading: Reading) -> Iterator[Observation]:
    """Yield the observations of a printed report."""
    block: dict[str, str] = {}
    for line in [*_COLOURS.sub("", document).splitlines(), "Name: "]:
        source = _SOURCE.match(line)
        found = _LINE.match(line)
        if (source or (found and found["name"] == "Name")) and block:
            yield _gem(block, reading)
            block = {}
        if source:
            yield _source(source["uri"], reading)
        elif found:
            block[found["name"]] = found["value"].strip()


def _source(uri: str, reading: Reading) -> Observation:
    return reading.observe(
        kind=Kind.SCA,
        rule_id="insecure_source",
        title=f"Insecure gem source {uri}",
        severity=Severity.MEDIUM,
        location=construct(UrlLocation, {"url": uri}),
    )


def _names(block: dict[str, str]) -> list[Identifier]:
    said = " ".join(block.get(name, "") for name in ("CVE", "GHSA", "Advisory"))
    named = [make(scheme, value) for scheme, value in find(said)]
    named += [make("osvdb", f"OSVDB-{number}") for number in _OSVDB.findall(said)]
    return named + ([make("osvdb", block["OSVDB"])] if block.get("OSVDB") else [])


def _gem(block: dict[str, str], reading: Reading) -> Observation:
    named = _names(block)
    solution = block.get("Solution", "")
    versions = fixed(solution)
    place = complete(
        {
            "name": block.get("Name"),
            "version": block.get("Version"),
            "ecosystem": "gem",
            "path": "Gemfile.lock",
            "fixed_versions": versions,
        }
    )
    return reading.observe(
        kind=Kind.SCA,
        rule_id=named[0].value if named else block.get("Title"),
        title=block.get("Title"),
        severity=grade(block.get("Criticality")),
        identifiers=named,
        location=construct(PackageLocation, place) if place else None,
        fix=construct(Fix, {"recommendation": solution, "available": bool(versions)}) if solution else None,
        references=[block["URL"]] if block.get("URL") else None,
    )
