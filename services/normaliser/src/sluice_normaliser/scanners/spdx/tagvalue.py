"""SPDX 2 as tags and values: a line each, in which a package goes on until the next one begins."""

import re
from collections.abc import Iterator
from typing import Any

_LINE = re.compile(r"^(?P<tag>[A-Z][A-Za-z]*):\s*(?P<value>.*?)\s*$")
_REFERENCE = re.compile(r"^(?P<category>[A-Za-z_-]+)\s+(?P<type>\S+)\s+(?P<locator>.+)$")
_TEXT = re.compile(r"<text>(.*?)</text>", re.DOTALL)
_ENDS = frozenset({"FileName", "SnippetSPDXID", "LicenseID", "Relationship", "Annotator"})


def as_json(document: Any) -> dict[str, Any]:
    """Return what the document says of its packages and their references, under the names of SPDX's JSON."""
    packages: list[dict[str, Any]] = []
    package: dict[str, Any] = {}
    references: list[dict[str, str]] = []
    for tag, value in _tags(str(document)):
        if tag == "PackageName":
            references = []
            package = {"name": value, "externalRefs": references}
            packages.append(package)
        elif tag in _ENDS:
            package, references = {}, []
        elif tag == "PackageVersion":
            package["versionInfo"] = value
        elif tag == "ExternalRef" and (found := _REFERENCE.match(value)):
            references.append(
                {
                    "referenceCategory": found["category"],
                    "referenceType": found["type"],
                    "referenceLocator": found["locator"],
                }
            )
        elif tag == "ExternalRefComment" and references:
            references[-1]["comment"] = value
    return {"packages": packages}


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """Yield each tag with its value; a value between ``<text>`` and ``</text>`` may go over several lines."""
    whole = _TEXT.sub(lambda found: " ".join(found[1].split()), text)
    for line in whole.splitlines():
        if (found := _LINE.match(line)) is not None:
            yield found["tag"], found["value"]
