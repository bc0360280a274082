"""The hits of Flawfinder's text and HTML: ``shop.c:7:3:  [5] (buffer) gets:`` and the warning below it."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.text import plain
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

_PLACE = r"(?P<path>[^\s<][^<\n]*?):(?P<start_line>\d+):(?:(?P<start_column>\d+):)?"
_TEXT = re.compile(
    rf"^{_PLACE}[ \t]+\[(?P<level>[0-5])\][ \t]+\((?P<category>\w+)\)[ \t]+(?P<name>[^:\n]+):"
    r"(?P<told>.*(?:\n[ \t]+\S.*)*)",
    re.MULTILINE,
)
_HTML = re.compile(
    rf"<li>{_PLACE}\s*<b>\s*\[(?P<level>[0-5])\]\s*</b>\s*\((?P<category>\w+)\)\s*<i>\s*(?P<name>[^:<]+):"
    r"(?P<told>.*?)</i>(?:\s*<pre>\n?(?P<snippet>.*?)\n?</pre>)?",
    re.DOTALL,
)


def read_text(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the hits of a text; lines of context, which look like any other, stay in the message."""
    for match in _TEXT.finditer(document):
        yield _observe(match.groupdict(), " ".join(match["told"].split()), reading)


def read_html(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the hits of a page."""
    for match in _HTML.finditer(document):
        found = {name: unescape(value) if value else value for name, value in match.groupdict().items()}
        yield _observe(found, " ".join(plain(match["told"]).split()), reading)


def _observe(found: dict[str, Any], told: str, reading: Reading) -> Observation:
    names = ("path", "start_line", "start_column", "snippet")
    return reading.observe(
        kind=Kind.SAST,
        rule_id=f"{found['category']}/{found['name'].strip()}",
        rule_name=f"{found['category']}/{found['name'].strip()}",
        title=told,
        message=told,
        severity=grade(found["level"], "flawfinder"),
        identifiers=[told],
        cwes=[told],
        location=construct(CodeLocation, {name: value for name in names if (value := found.get(name))}),
        tags=[found["category"]],
    )
