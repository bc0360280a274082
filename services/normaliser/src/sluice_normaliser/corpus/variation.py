"""Variations of a report: each of its fields left out, emptied or written otherwise, as other versions of a tool do.

A field that a report may lack must not cost its records: ``python -m sluice_normaliser.corpus.variation FOLDER`` tells
which do, for a person to judge (the list of the records itself, or a status, may well change the count).
"""

import argparse
import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from rich.console import Console

from sluice_normaliser.kit import ParseContext, ReportError, parse_report
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.registry import find

LARGEST = 512 * 1024
_GONE = object()
_MOST_PATHS = 400
_WAYS = ("recognised", "named")


class Variation(NamedTuple):
    """One body and what was done to it: ``results[].cve: left out``."""

    what: str
    body: bytes


def vary(body: bytes) -> Iterator[Variation]:
    """Yield the variations of a report in JSON, JSON lines, XML or CSV; none of anything else."""
    content = Body(body)
    container = content.containers[0] if content.containers else ""
    try:
        if container == "json":
            yield from _vary_json(content.jsonl)
        elif container == "xml":
            yield from _vary_xml(content.bytes)
        elif container == "csv" and content.csv_headers:
            yield from _vary_csv(content)
    except (ReportError, ParseError, DefusedXmlException):
        return


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _empty(value: Any) -> Any:
    return "" if isinstance(value, str) else [] if isinstance(value, list) else {} if isinstance(value, dict) else value


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


_JSON_CHANGES: dict[str, Callable[[Any], Any]] = {
    "left out": lambda _: _GONE,
    "null": lambda _: None,
    "empty": _empty,
    "number as text": _as_text,
    "one not in a list": _alone,
}


def _paths(value: Any, above: tuple[str, ...], found: dict[tuple[str, ...], None]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            found[(*above, name)] = None
            _paths(inner, (*above, name), found)
    elif isinstance(value, list):
        for inner in value:
            _paths(inner, (*above, "[]"), found)


def _changed(value: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> tuple[Any, bool]:
    """Return the value with whatever lies at the path changed, and whether anything was."""
    name, *rest = path
    if name == "[]":
        if not isinstance(value, list):
            return value, False
        parts = [_changed(inner, tuple(rest), change) for inner in value]
        return [inner for inner, _ in parts], any(did for _, did in parts)
    if not isinstance(value, dict) or name not in value:
        return value, False
    new = change(value[name]) if not rest else None
    did = new is not value[name] and new != value[name]
    if rest:
        new, did = _changed(value[name], tuple(rest), change)
    if not did:
        return value, False
    return {key: (new if key == name else kept) for key, kept in value.items() if key != name or new is not _GONE}, True


def _vary_json(values: list[Any]) -> Iterator[Variation]:
    found: dict[tuple[str, ...], None] = {}
    for value in values:
        _paths(value, (), found)
    for path in list(found)[:_MOST_PATHS]:
        for what, change in _JSON_CHANGES.items():
            parts = [_changed(value, path, change) for value in values]
            if any(did for _, did in parts):
                body = b"\n".join(json.dumps(value).encode() for value, _ in parts)
                yield Variation(f"{'.'.join(path)}: {what}", body)


def _vary_xml(body: bytes) -> Iterator[Variation]:
    found: dict[tuple[str, ...], None] = {}
    _xml_paths(fromstring(body, forbid_dtd=False), (), found)
    for path in list(found)[:_MOST_PATHS]:
        for what in ("left out", "empty"):
            root = fromstring(body, forbid_dtd=False)
            _change_xml(root, path, leave_out=what == "left out")
            yield Variation(f"{'.'.join(path)}: {what}", tostring(root))


def _xml_paths(element: Element, above: tuple[str, ...], found: dict[tuple[str, ...], None]) -> None:
    for name in element.attrib:
        found[(*above, f"@{name}")] = None
    for inner in element:
        found[(*above, inner.tag)] = None
        _xml_paths(inner, (*above, inner.tag), found)


def _change_xml(element: Element, path: tuple[str, ...], *, leave_out: bool) -> None:
    name, *rest = path
    if name.startswith("@"):
        if leave_out:
            element.attrib.pop(name[1:], None)
        elif name[1:] in element.attrib:
            element.set(name[1:], "")
        return
    for inner in element.findall(name):
        if rest:
            _change_xml(inner, tuple(rest), leave_out=leave_out)
        elif leave_out:
            element.remove(inner)
        else:
            inner.text = ""
            for deeper in list(inner):
                inner.remove(deeper)


def _vary_csv(content: Body) -> Iterator[Variation]:
    header = content.csv_headers[0]
    lines = list(csv.reader(io.StringIO(content.text), delimiter=header.delimiter))
    at = next((n for n, line in enumerate(lines) if len(line) >= len(header.columns) > 1), 0)
    for column, name in enumerate(lines[at]):
        for what in ("left out", "empty"):
            out = io.StringIO()
            writer = csv.writer(out, delimiter=header.delimiter)
            for number, line in enumerate(lines):
                if number < at or column >= len(line):
                    writer.writerow(line)
                elif what == "left out":
                    writer.writerow(line[:column] + line[column + 1 :])
                else:
                    writer.writerow(line if number == at else [*line[:column], "", *line[column + 1 :]])
            yield Variation(f"{name}: {what}", out.getvalue().encode())


def outcome(body: bytes, scanner: str | None) -> str:
    """Return in words what came of a body: the number of its observations, or why it was refused."""
    try:
        report = parse_report(body, ParseContext(secret_key=b"variation", scanner=scanner))
    except ReportError as error:
        return f"{error.reason.value}: {error.detail[:90]}"
    failed = "" if all(scan.successful for scan in report.scans) else " of a failed scan"
    return f"{len(report.observations)}{failed}"


def main(arguments: list[str] | None = None) -> int:
    """Print the variations after which a report is refused, counts differently, or is no longer recognised."""
    parser = argparse.ArgumentParser(description="Varies every field of real reports and tells what that changes.")
    parser.add_argument("corpus", type=Path, help="the folder of expectations.json")
    parser.add_argument("--tool", action="append", default=[])
    given = parser.parse_args(arguments)
    console = Console(width=200, highlight=False)
    for entry in json.loads((given.corpus / "expectations.json").read_text("utf-8")):
        spec = find(entry["tool"])
        body = (given.corpus / "reports" / entry["file"]).read_bytes()
        if spec is None or entry["kind"] != "report" or len(body) > LARGEST:
            continue
        if given.tool and entry["tool"] not in given.tool:
            continue
        before = tuple(outcome(body, name) for name in (None, spec.name))
        for what, changed in vary(body):
            after = tuple(outcome(changed, name) for name in (None, spec.name))
            if after != before:
                told = [
                    f"{way} {old} -> {new}" for way, old, new in zip(_WAYS, before, after, strict=True) if old != new
                ]
                console.print(f"{entry['file']}: {what}: {'; '.join(told)}", markup=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
