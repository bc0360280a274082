"""sqlmap's log: blocks of injection points, each with the techniques that worked on it."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_shared.contracts.finding import Confidence, Kind, Observation, Severity, UrlLocation

PLACES = {
    "get": "query",
    "post": "body",
    "(custom) post": "body",
    "multipart": "body",
    "json": "body",
    "soap": "body",
    "cookie": "cookie",
    "header": "header",
    "user-agent": "header",
    "referer": "header",
    "host": "header",
    "(custom) header": "header",
    "uri": "path",
}
_POINT = re.compile(
    r"^(?:Parameter: (?P<name>.+?)(?: \((?P<place>[^()]*(?:\([^()]*\))?[^()]*)\))?|Place: (?P<old>.+))$"
)
_LONG = 1000
"""Characters beyond which no line names an injection point."""

_CRITICAL = re.compile(r"\[CRITICAL\] (.+)")
_TARGET = re.compile(r"(?:testing URL|URL:|GET|POST) '?(https?://[^\s']+)")
_BACK_END = re.compile(r"back-end DBMS: (.+)$", re.MULTILINE)
_TIME = re.compile(r"^\[\d\d:\d\d:\d\d\] \[\w+\] ")


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each injection point.

    A log grows from run to run, and a later run repeats the points that it took from its session: those are one, with
    the number of times they are told.
    """
    words = str(document)
    target, engine = _TARGET.search(words), _BACK_END.search(words)
    told: dict[tuple[str, ...], int] = {}
    for lines in _points(words):
        key = tuple(line.strip() for line in lines if line.strip())
        told[key] = told.get(key, 0) + 1
    for key, times in told.items():
        yield _observe(key, times, target[1] if target else None, engine[1].strip() if engine else None, reading)


def failed(document: Any) -> str | None:
    """Return what kept sqlmap from testing; that nothing is injectable is a result."""
    told = [said for said in _CRITICAL.findall(str(document)) if "not appear to be injectable" not in said]
    return "; ".join(dict.fromkeys(told))[:2000] or None


def _points(words: str) -> Iterator[list[str]]:
    """Yield the lines of each injection point, from its name to the next or to the end of the block."""
    point: list[str] = []
    for line in words.splitlines():
        starts = _POINT.match(line) if len(line) < _LONG else None
        if point and starts and line.startswith("Parameter: ") and point[-1].startswith("Place: "):
            point.append(line)  # old versions name the place on a line of its own
        elif starts or line.strip() == "---":
            if point:
                yield point
            point = [line] if starts else []
        elif point and (line.startswith("    ") or (line.strip() and not _TIME.match(line))):
            point.append(line)
    if point:
        yield point


def _observe(
    lines: tuple[str, ...], times: int, target: str | None, engine: str | None, reading: Reading
) -> Observation:
    name, place = "", ""
    for line in lines:
        if (point := _POINT.match(line)) is not None:
            name, place = point["name"] or name, point["place"] or point["old"] or place
    titles = [line.removeprefix("Title: ") for line in lines if line.startswith("Title: ")]
    types = [line.removeprefix("Type: ") for line in lines if line.startswith("Type: ")]
    where = {"parameter": name, "parameter_in": PLACES.get(place.lower().split(", ")[-1])}
    return reading.observe(
        kind=Kind.DAST,
        rule_id="sql-injection",
        title=f"SQL injection in {place} parameter {name}".replace("  ", " "),
        message="\n".join(titles),
        severity=Severity.HIGH,
        confidence=Confidence.CONFIRMED,
        cwes=[89],
        location=construct(UrlLocation, {"url": target or "/", **where}),
        evidence={"proof": "\n".join(lines), "back_end": engine},
        tags=list(dict.fromkeys(types)),
        occurrence_count=times if times > 1 else None,
    )
