"""The text of one issue: ``Name: value`` lines, then sections under their headings."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import words
from sluice_normaliser.scanners import _burp

_HEADINGS = (
    "Issue Detail",
    "Issue Background",
    "Issue Remediation",
    "Remediation Detail",
    "Remediation Background",
    "Evidence",
    "References",
    "Vulnerability Classifications",
)
_HEADING = re.compile(rf"^(?:{'|'.join(_HEADINGS)})[ \t]*$", re.MULTILINE)
_REPORTED = re.compile(r"^Reported by Dastardly:.*\Z", re.MULTILINE | re.DOTALL)
_EXCHANGE = re.compile(
    r"^(?P<kind>Request|Response):[ \t]*\n(?P<text>.*?)(?=^(?:Request|Response):[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_BLANK = re.compile(r"\n\s*\n\s*\n+")
_METHOD = re.compile(r"[A-Z]{3,8}\b")

Reader = Callable[[Any], str | None]


def _sections(value: Any) -> dict[str, str]:
    return _parts(text(value) or "")


@lru_cache(maxsize=4)
def _parts(issue: str) -> dict[str, str]:
    """Return the sections by heading; the lines above the first are under the empty heading."""
    told = _REPORTED.sub("", issue)
    found = list(_HEADING.finditer(told))
    parts = {"": told[: found[0].start()] if found else told}
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(told)
        parts.setdefault(match.group().strip(), told[match.end() : end].strip())
    return parts


def field(name: str) -> Reader:
    """Return what finds the value of a ``Name: value`` line above the sections."""
    pattern = re.compile(rf"^{name}:[ \t]*(.+)$", re.MULTILINE)

    def find(value: Any) -> str | None:
        match = pattern.search(_sections(value)[""])
        return match.group(1).strip() if match else None

    return find


def section(name: str) -> Reader:
    """Return what finds the text of a section."""

    def find(value: Any) -> str | None:
        return _BLANK.sub("\n\n", _sections(value).get(name, "")) or None

    return find


def titled(*names: str) -> Reader:
    """Return what finds the texts of several sections, one after the other."""

    def find(value: Any) -> str | None:
        parts = _sections(value)
        return "\n\n".join(_BLANK.sub("\n\n", parts[name]) for name in names if parts.get(name)) or None

    return find


def address(value: Any, suite: Any) -> str | None:
    """Return where the issue is: host and path, or the page that the test suite is named after."""
    found = _burp.address(field("Host")(value), field("Path")(value))
    return found or words(suite)


def exchange(kind: str) -> Reader:
    """Return what finds the requests or the responses among the evidence."""

    def find(value: Any) -> str | None:
        told = _sections(value).get("Evidence", "")
        found = [each["text"].strip() for each in _EXCHANGE.finditer(told) if each["kind"] == kind]
        return "\n\n".join(filter(None, found)) or None

    return find


def method(value: Any) -> str | None:
    """Return the method of the first request."""
    found = _METHOD.match(exchange("Request")(value) or "")
    return found.group() if found else None
