"""How a format is recognised: declarative rules, each of which says how specific it is and what it misses."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal, NamedTuple

from sluice_normaliser.kit.body import Body
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.containers.csv import Header
from sluice_normaliser.kit.model import ReportError
from sluice_normaliser.kit.path import Step, descend, item_at, parse_path

_LOOKED_AT = 20
"""Items of a list in which a path is looked for."""

_VALUE_WEIGHT, _ROOT_WEIGHT, _ANY_WEIGHT = 2.0, 3.0, 1.0


class Verdict(NamedTuple):
    """``missing`` is empty when the rule holds; ``share`` of the rule that holds, 0-1; ``score`` how specific it is."""

    score: float
    share: float
    missing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """True when nothing is missing."""
        return not self.missing


class _Tally:
    def __init__(self) -> None:
        self.score, self.met, self.asked = 0.0, 0, 0
        self.missing: list[str] = []

    def ask(self, holds: bool, weight: float, otherwise: str) -> None:
        self.asked += 1
        if holds:
            self.met += 1
            self.score += weight
        else:
            self.missing.append(otherwise)

    def absent(self, holds: bool, otherwise: str) -> None:
        """Note what must not be there. Met, it says nothing for the rule: most things are in no report."""
        if not holds:
            self.asked += 1
            self.missing.append(otherwise)

    def verdict(self, extra: float) -> Verdict:
        return Verdict(self.score + extra, self.met / max(self.asked, 1), tuple(self.missing))


class Rule:
    """Recognises one format in a body that is already known to be in the right container."""

    def judge(self, body: Body, container: str) -> Verdict:
        """Return whether and how specifically the rule holds; may raise ReportError when the body cannot be read."""
        raise NotImplementedError

    def may_hold(self, body: Body, container: str) -> bool:  # noqa: ARG002
        """Return False only when it is plain that the rule does not hold; may raise ReportError as ``judge`` does."""
        return True

    def anchors(self) -> list[frozenset[str]]:
        """Return sets of names; of each, one stands on the outside of every JSON for which the rule holds."""
        return []


@lru_cache(maxsize=4096)
def _outermost(paths: tuple[str, ...]) -> tuple[str | None, ...]:
    """Return, for each path, the first name in it: None when it begins with whatever there is."""
    firsts = (next((step for step in parse_path(path).steps if step.kind in {"key", "values"}), None) for path in paths)
    return tuple(None if step is None or step.kind == "values" else step.value for step in firsts)


def _outer_names(document: object) -> frozenset[str]:
    """Return the names that an object has, or that the first items of a list, and of lists in it, have."""
    items = document[:_LOOKED_AT] if isinstance(document, list) else [document]
    within = [each for item in items if isinstance(item, list) for each in item[:_LOOKED_AT]]
    return frozenset(name for item in (*items, *within) if isinstance(item, dict) for name in item)


def _probe(value: object, steps: tuple[Step, ...]) -> Iterator[object]:
    """Yield what a path leads to, looking at no more than the first items of each list."""
    for number, (kind, argument) in enumerate(steps):
        if kind == "key":
            value = descend(value, argument)
            if value is None and number < len(steps) - 1:
                return
        elif kind == "index":
            value = item_at(value, argument)
        else:
            inner: list[object] = []
            if kind == "all" and isinstance(value, (list, dict)):
                inner = value[:_LOOKED_AT] if isinstance(value, list) else [value]
            elif kind == "values" and isinstance(value, dict):
                inner = list(value.values())[:_LOOKED_AT]
            for item in inner:
                yield from _probe(item, steps[number + 1 :])
            return
    yield value


def _present(document: object, path: str) -> bool:
    *above, last = parse_path(path).steps
    for parent in _probe(document, tuple(above)):
        if last.kind == "key":
            if isinstance(parent, dict) and last.value in parent:
                return True
        elif any(True for _ in _probe(parent, (last,))):
            return True
    return False


def _matches(document: object, path: str, pattern: str) -> bool:
    found = (_words(value) for value in _probe(document, parse_path(path).steps))
    return any(words is not None and re.search(pattern, words) is not None for words in found)


def _words(value: object) -> str | None:
    try:
        return text(value)
    except RecursionError:  # nothing has counted yet how deep the document is; reading it will
        return None


def outer_names(body: Body, container: str) -> frozenset[str]:
    """Return the names on the outside of the body's JSON; raises ReportError when it is none."""
    document = body.jsonl if container == "jsonl" else body.json
    found = body.outer_names.get(container)
    if found is None:
        found = body.outer_names[container] = _outer_names(document)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonShape(Rule):
    """JSON (and JSON lines, whose document is a list).

    ``root`` is the kind of the top value; ``has`` are paths that must all be there (``"results"``, ``"[].RuleID"``: a
    list is looked into, and one item with it is enough), ``any_of`` paths of which one must, ``lacks`` paths that must
    not, ``match`` patterns (``re.search``) for values. ``only`` are the only names that an object may have, for reports
    that say next to nothing. ``weight`` is added to how specific the rule counts.
    """

    root: Literal["object", "array", "any"] = "any"
    has: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    match: Mapping[str, str] = field(default_factory=dict)
    weight: float = 0.0

    def may_hold(self, body: Body, container: str) -> bool:
        """Return False when a name on the outside is missing, which most rules of other scanners ask for."""
        names = outer_names(body, container)
        if any(name is not None and name not in names for name in _outermost((*self.has, *self.match))):
            return False
        return not self.any_of or any(name is None or name in names for name in _outermost(self.any_of))

    def anchors(self) -> list[frozenset[str]]:
        """Return the outermost name of each path that must be there, and those of the alternatives."""
        found = [frozenset({name}) for name in _outermost((*self.has, *self.match)) if name is not None]
        choices = _outermost(self.any_of)
        return [*found, frozenset(name for name in choices if name)] if choices and None not in choices else found

    def judge(self, body: Body, container: str) -> Verdict:
        """Return whether and how specifically the rule holds."""
        document: object = body.jsonl if container == "jsonl" else body.json
        tally = _Tally()
        if self.root != "any":
            expected = dict if self.root == "object" else list
            tally.ask(isinstance(document, expected), _ANY_WEIGHT, f"a top-level {self.root}")
        for path in self.has:
            tally.ask(_present(document, path), 1.0, path)
        if self.any_of:
            tally.ask(any(_present(document, path) for path in self.any_of), _ANY_WEIGHT, " or ".join(self.any_of))
        for path in self.lacks:
            tally.absent(not _present(document, path), f"no {path}")
        if self.only:
            alone = isinstance(document, dict) and document.keys() <= set(self.only)
            tally.absent(alone, f"nothing but {', '.join(self.only)}")
        for path, pattern in self.match.items():
            tally.ask(_matches(document, path, pattern), _VALUE_WEIGHT, f"{path} like {pattern}")
        return tally.verdict(self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlShape(Rule):
    """XML. ``root`` and ``namespace`` are patterns for the whole name; the rest looks at the first 64 KiB.

    Paths are below the root and may end in an attribute: ``"site.alerts"``, ``"@version"``, ``"site.@host"``. ``only``
    are the only elements and attributes that the root may have; with ``only=()`` it is empty.
    """

    root: str
    namespace: str | None = None
    has: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    match: Mapping[str, str] = field(default_factory=dict)
    weight: float = 0.0

    def judge(self, body: Body, container: str) -> Verdict:  # noqa: ARG002
        """Return whether and how specifically the rule holds."""
        head = body.xml_head
        if head is None:
            return Verdict(0.0, 0.0, ("an XML root element",))
        tally = _Tally()
        tally.ask(re.fullmatch(self.root, head.root) is not None, _ROOT_WEIGHT, f"root element {self.root}")
        if self.namespace is not None:
            holds = re.search(self.namespace, head.namespace) is not None
            tally.ask(holds, _ROOT_WEIGHT, f"namespace like {self.namespace}")
        for path in self.has:
            tally.ask(path in head.paths, 1.0, path)
        if self.any_of:
            tally.ask(any(path in head.paths for path in self.any_of), _ANY_WEIGHT, " or ".join(self.any_of))
        for path in self.lacks:
            tally.absent(path not in head.paths, f"no {path}")
        if self.only is not None:
            alone = {path.partition(".")[0] for path in head.paths if path} <= set(self.only)
            tally.absent(alone, f"nothing but {', '.join(self.only) or 'an empty root'}")
        for path, pattern in self.match.items():
            holds = re.search(pattern, head.values.get(path, "")) is not None and path in head.values
            tally.ask(holds, _VALUE_WEIGHT, f"{path} like {pattern}")
        return tally.verdict(self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvShape(Rule):
    """CSV: columns that must all be in one line near the top, in any order and case."""

    columns: tuple[str, ...]
    any_of: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    weight: float = 0.0

    def header(self, body: Body) -> Header | None:
        """Return the header line that the rule holds for, or None."""
        wanted = {column.lower() for column in self.columns}
        for candidate, present in body.csv_columns:
            if wanted <= present:
                return candidate
        return None

    def may_hold(self, body: Body, container: str) -> bool:  # noqa: ARG002
        """Return False when no line has the columns."""
        return self.header(body) is not None

    def judge(self, body: Body, container: str) -> Verdict:  # noqa: ARG002
        """Return whether and how specifically the rule holds."""
        found = self.header(body)
        wanted = {column.lower() for column in self.columns}
        lines = [names for line, names in body.csv_columns if found is None or line is found]
        present = max(lines, key=lambda names: len(wanted & names), default=frozenset())
        tally = _Tally()
        for column in self.columns:
            tally.ask(column.lower() in present, 1.0, f"column {column}")
        if self.any_of:
            holds = any(column.lower() in present for column in self.any_of)
            tally.ask(holds, _ANY_WEIGHT, "column " + " or ".join(self.any_of))
        for column in self.lacks:
            tally.absent(column.lower() not in present, f"no column {column}")
        return tally.verdict(self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShape(Rule):
    """Text and HTML: patterns (``re.search``, multi-line) that must all be found in the first 64 KiB."""

    patterns: tuple[str, ...]
    weight: float = 0.0

    def judge(self, body: Body, container: str) -> Verdict:  # noqa: ARG002
        """Return whether and how specifically the rule holds."""
        sample = body.head
        tally = _Tally()
        for pattern in self.patterns:
            tally.ask(re.search(pattern, sample, re.MULTILINE) is not None, _VALUE_WEIGHT, f"text like {pattern}")
        return tally.verdict(self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipShape(Rule):
    """ZIP: glob patterns, each of which some member must match."""

    members: tuple[str, ...]
    weight: float = 0.0

    def judge(self, body: Body, container: str) -> Verdict:  # noqa: ARG002
        """Return whether and how specifically the rule holds."""
        tally = _Tally()
        try:
            archive = body.archive
        except ReportError:
            return Verdict(0.0, 0.0, ("a readable ZIP archive",))
        for member in self.members:
            tally.ask(bool(archive.matching(member)), _VALUE_WEIGHT, f"member {member}")
        return tally.verdict(self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetShape(Rule):
    """A workbook (xlsx): ``columns`` that one sheet must have in its first row, ``sheets`` (globs) it must have."""

    columns: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    weight: float = 0.0

    def judge(self, body: Body, container: str) -> Verdict:  # noqa: ARG002
        """Return whether and how specifically the rule holds."""
        tally = _Tally()
        try:
            found = body.archive.columns
        except ReportError:
            return Verdict(0.0, 0.0, ("a readable workbook",))
        for pattern in self.sheets:
            tally.ask(any(fnmatchcase(name, pattern) for name in found), _VALUE_WEIGHT, f"sheet {pattern}")
        headers = [{cell.strip().lower() for cell in row} for row in found.values()]
        wanted = {column.lower() for column in self.columns}
        best = max(headers, key=lambda header: len(wanted & header), default=set())
        for column in self.columns:
            tally.ask(column.lower() in best, 1.0, f"column {column}")
        return tally.verdict(self.weight)
