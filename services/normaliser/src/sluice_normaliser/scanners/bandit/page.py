"""The HTML that Bandit writes for people: a block for each result, of lines with a name in bold."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, RawSecret, Reading, TextShape, construct
from sluice_normaliser.kit.text import plain
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation, SecretDetail

_HARDCODED = frozenset({"B105", "B106", "B107"})
_BLOCK = re.compile(r"<div class=[\"']issue-block[^>]*>(.*?)(?=<div class=[\"']issue-block|\Z)", re.DOTALL)
_LINE = re.compile(r"<b>\s*([^<]*?):\s*</b>(.*?)(?=<br|</br|<b>|<div|<span|\Z)", re.DOTALL)
_CODE = re.compile(r"<pre>\n?(.*?)\n?</pre>", re.DOTALL)
_NUMBERED = re.compile(r"^\s*(\d+)[ \t]", re.MULTILINE)
_QUOTED = re.compile(r"'(.+)'\s*$", re.DOTALL)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each block."""
    for block in _BLOCK.findall(str(document)):
        lines = [(name.strip(), " ".join(plain(value).split())) for name, value in _LINE.findall(block)]
        if lines:
            yield _observe(lines[0], dict(lines[1:]), _CODE.search(block), reading)


def _observe(first: tuple[str, str], told: dict[str, str], code: re.Match[str] | None, reading: Reading) -> Observation:
    """Return the observation of a block, whose first line is the test's name and what it says."""
    name, said = first
    test = told.get("Test ID")
    extract = plain(code.group(1)) if code else None
    place = {"path": told.get("File"), "start_line": told.get("Line number") or _start(extract), "snippet": extract}
    hidden = _QUOTED.search(said) if test in _HARDCODED else None
    return reading.observe(
        kind=Kind.SECRET if test in _HARDCODED else Kind.SAST,
        rule_id=test or name,
        rule_name=name,
        title=said,
        message=said,
        severity=told.get("Severity"),
        confidence=told.get("Confidence"),
        cwes=[told.get("CWE")],
        location=construct(CodeLocation, place) if place["path"] else None,
        references=[url] if (url := told.get("More info")) else None,
        secret=RawSecret(construct(SecretDetail, {"type": name}), (hidden.group(1),)) if hidden else None,
        evidence={"code": extract},
    )


def _start(extract: str | None) -> str | None:
    """Return the only line of an extract; of several none is told apart in old versions."""
    numbers = _NUMBERED.findall(extract or "")
    return numbers[0] if len(numbers) == 1 else None


PAGE = Format(
    name="bandit-html",
    container="html",
    detect=TextShape(patterns=(r"<title>\s*Bandit Report\s*</title>",), weight=1),
    parse=read,
)
