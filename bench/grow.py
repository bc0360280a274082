"""Growing a small report to thousands of records, whatever its format: for benchmarks.

The part is repeated whose repetition gives most observations for its bytes. The copies differ in paths, lines and
texts, as real records do, so that nothing that is remembered makes them cheaper than they are.
"""

import copy
import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

from sluice_normaliser.kit import ParseContext, ReportError, parse_report
from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.containers.csv import headers
from sluice_normaliser.kit.detection import candidates

Build = Callable[[int], bytes]
"""Gives the report with so many copies of its part."""

LARGEST = 24 * 1024 * 1024
"""Bytes of a grown report."""

_VARIES = re.compile(r"file|path|uri|url|message|title|desc|snippet|plugin_output|pkgname|packagename", re.IGNORECASE)
_LINE = re.compile(r"^(?:start_?|end_?|begin_?)?line(?:_?number)?$", re.IGNORECASE)
_DEEPEST = 7


def count(body: bytes, scanner: str) -> int:
    """Return how many observations a report gives; -1 when it is refused."""
    try:
        return len(parse_report(body, ParseContext(secret_key=b"bench", scanner=scanner)).observations)
    except ReportError:
        return -1


def grower(body: bytes, scanner: str) -> Callable[[int, int], bytes] | None:
    """Return what gives the report with about so many observations, or of so many bytes if that is less.

    None for containers that cannot be grown (ZIP, HTML, text).
    """
    present = count(body, scanner)
    best: tuple[float, int, Build] | None = None
    for build in _builds(Body(body), scanner):
        longer = build(1)
        gain, cost = count(longer, scanner) - present, max(len(longer) - len(build(0)), 1)
        if gain > 0 and (best is None or gain / cost > best[0] * 1.05):
            best = gain / cost, gain, build
    if best is None:
        return None
    rate, gain, build = best
    return lambda wanted, largest: build(max(1, min(-(-wanted // gain), int((largest - len(body)) * rate / gain))))


def _builds(body: Body, scanner: str) -> Iterator[Build]:
    container = next((each.container for each in candidates(body, scanner) if each.verdict.holds), None)
    if container == "json":
        yield from _of_json(body.json, lambda document: json.dumps(document).encode())
    elif container == "jsonl":
        yield from _of_json(body.jsonl, lambda lines: "\n".join(json.dumps(line) for line in lines).encode())
    elif container == "xml":
        yield from _of_xml(body.bytes)
    elif container == "csv":
        yield from _of_csv(body.text)


def _varied(value: Any, number: int, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _varied(inner, number, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_varied(inner, number, key) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and _LINE.match(key):
        return value + number
    return _text(value, number, key) if isinstance(value, str) else value


def _text(value: str, number: int, key: str) -> str:
    return f"{value}{number}" if len(value) > 3 and _VARIES.search(key) else value


def _of_json(document: Any, write: Callable[[Any], bytes]) -> Iterator[Build]:
    for path in _groups(document, ()):

        def build(copies: int, path: tuple[Any, ...] = path) -> bytes:
            grown = copy.deepcopy(document)
            group = grown
            for step in path:
                group = group[step]
            if isinstance(group, list):
                group += [_varied(each, number) for number in range(1, copies + 1) for each in list(group)]
            else:
                entries = list(group.items())
                for number in range(1, copies + 1):
                    group |= {f"{name}{number}": _varied(each, number) for name, each in entries}
            return write(grown)

        yield build


def _groups(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all lists and of all objects that hold objects or lists alone."""
    if len(path) > _DEEPEST or not isinstance(value, (dict, list)) or not value:
        return
    inner = list(value.values()) if isinstance(value, dict) else value
    if all(isinstance(each, (dict, list)) for each in inner):
        yield path
    steps = list(value.items()) if isinstance(value, dict) else list(enumerate(value[:2]))
    for step, each in steps[:60]:
        yield from _groups(each, (*path, step))


def _of_xml(body: bytes) -> Iterator[Build]:
    root = ET.fromstring(body)  # noqa: S314 - samples of our own, or a corpus that one trusts
    seen: set[tuple[str, ...]] = set()
    for path in _elements(root, (), 0):
        tags = tuple(_at(root, path[: number + 1]).tag for number in range(len(path)))
        if tags in seen:
            continue
        seen.add(tags)

        def build(copies: int, path: tuple[int, ...] = path) -> bytes:
            grown = copy.deepcopy(root)
            parent, element = _at(grown, path[:-1]), _at(grown, path)
            for number in range(1, copies + 1):
                parent.append(_varied_element(element, number))
            return ET.tostring(grown)

        yield build


def _elements(element: ET.Element, path: tuple[int, ...], depth: int) -> Iterator[tuple[int, ...]]:
    if path:
        yield path
    if depth < _DEEPEST:
        for number, child in enumerate(list(element)[:40]):
            yield from _elements(child, (*path, number), depth + 1)


def _at(root: ET.Element, path: tuple[int, ...]) -> ET.Element:
    for number in path:
        root = root[number]
    return root


def _varied_element(element: ET.Element, number: int) -> ET.Element:
    made = copy.deepcopy(element)
    for each in made.iter():
        for name, value in each.attrib.items():
            each.attrib[name] = _text(value, number, name)
        if each.text and each.text.strip() and not len(each):
            each.text = _text(each.text, number, each.tag)
    return made


def _of_csv(text: str) -> Iterator[Build]:
    line = max(headers(text[:65_536]), key=lambda each: len(each.columns))
    before = io.StringIO(text, newline="")
    kept = [before.readline() for _ in range(line.line + 1)]
    rows = list(csv.reader(before, delimiter=line.delimiter))

    def build(copies: int) -> bytes:
        out = io.StringIO()
        out.write("".join(kept))
        writer = csv.writer(out, delimiter=line.delimiter)
        names = dict(enumerate(line.columns))
        writer.writerows(rows)
        for number in range(1, copies + 1):
            writer.writerows([_text(cell, number, names.get(i, "")) for i, cell in enumerate(row)] for row in rows)
        return out.getvalue().encode()

    yield build
