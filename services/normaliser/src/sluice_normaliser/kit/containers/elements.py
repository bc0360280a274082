"""XML elements as objects, made piece by piece while the document is parsed."""

import sys
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

MAX_DEPTH = 200
"""Levels of nesting."""

_INLINE = frozenset(
    {"a", "b", "code", "div", "em", "i", "kbd", "li", "ol", "p", "pre", "samp", "span", "strong", "tt", "ul"}
)
"""Elements of XHTML, which checklists write within their texts."""


_SHORT = 8
"""Characters of a text that is kept once for all elements that have it: ``0``, ``High``, ``true``."""


class _Names(dict[str, str]):
    """The name of each tag or attribute without its namespace, one text for all elements that have it."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._mark = mark

    def __missing__(self, tag: str) -> str:
        name = self[tag] = sys.intern(f"{self._mark}{local(tag)}")
        return name


class _Open:
    """An element that has not ended yet: what its attributes and its finished children came to, and their texts."""

    __slots__ = ("element", "inner", "leads", "name", "said", "tails")

    def __init__(self, element: Element, name: str, said: dict[str, Any], *, leads: bool) -> None:
        self.element, self.name, self.said, self.leads = element, name, said, leads
        self.tails: list[str] = []
        self.inner: list[tuple[int, str]] = []


class Objects:
    """Makes objects of elements once they have ended, so that the tree never holds more than a piece of the document.

    ``above`` is what stands above the root in the tree. The elements at ``records`` come into ``done`` and are kept out
    of their parents. An element *leads* when it is one of those or stands above one.
    """

    def __init__(self, above: Element, records: tuple[str, ...]) -> None:
        self._above = above
        self._records = records
        self._open: list[_Open] = []
        self._names = _Names("")
        self._attributes = _Names("@")
        self._short: dict[str, str] = {}
        self.done: list[dict[str, Any] | str] = []

    @property
    def root(self) -> dict[str, Any]:
        """What the root has so far."""
        return self._open[0].said if self._open else {}

    def advance(self, *, ended: bool = False) -> None:
        """Take over all elements that have ended for certain: those with another one behind them."""
        if not self._open and len(self._above):
            self._begin(self._above[0], leads=bool(self._records))
        if not self._open:
            return
        self._take(0, ended=ended)
        if ended:
            root = self._open[0]
            words = self._text(root.element.text, root.tails, root.inner)
            if words:
                root.said["#text"] = words

    def _begin(self, element: Element, *, leads: bool) -> None:
        name = self._names[element.tag]
        self._open.append(_Open(element, name, self._said(element, len(self._open)), leads=leads))

    def _take(self, level: int, *, ended: bool) -> None:
        """Take over the finished children of the open element at a level below the root; all when it has ended."""
        parent = self._open[level]
        children = list(parent.element)
        first = 0
        if level + 1 < len(self._open):  # the first child was open before
            child = self._open[level + 1]
            over = ended or len(children) > 1
            self._take(level + 1, ended=over)
            if not over:
                return
            del self._open[level + 1 :]
            value = self._finished(child.said, self._text(child.element.text, child.tails, child.inner))
            self._add(
                parent, child.element, child.name, value, is_record=child.leads and level + 1 == len(self._records)
            )
            first = 1
        stop = len(children) if ended else max(first, len(children) - 1)
        for element in children[first:stop]:
            name = self._names[element.tag]
            leads = self._leads(parent, level, name)
            value = self._object(element, level + 1, leads=leads)
            self._add(parent, element, name, value, is_record=leads and level + 1 == len(self._records))
        parent.element[:] = children[stop:]
        if stop < len(children):
            self._begin(children[stop], leads=self._leads(parent, level, self._names[children[stop].tag]))
            self._take(level + 1, ended=False)

    def _leads(self, parent: _Open, level: int, name: str) -> bool:
        return parent.leads and level < len(self._records) and self._records[level] == name

    def _add(self, parent: _Open, element: Element, name: str, value: dict[str, Any] | str, *, is_record: bool) -> None:
        if is_record:
            self.done.append(value)
        else:
            if name in _INLINE and (words := _words(value)):
                parent.inner.append((len(parent.tails), words))
            _add(parent.said, name, value)
        parent.tails.append(element.tail or "")

    def _object(self, element: Element, level: int, *, leads: bool) -> dict[str, Any] | str:
        """Return the object of a whole element."""
        said = self._said(element, level) if level >= MAX_DEPTH or element.keys() else {}
        inner: list[tuple[int, str]] = []
        told = False
        names, records, short = self._names, self._records, self._short
        for number, child in enumerate(element):
            name = names[child.tag]
            tail = child.tail
            if tail and not tail.isspace():
                told = True
            if not leads and not len(child) and not child.keys():  # a plain text, as most are
                words = (child.text or "").strip()
                value: dict[str, Any] | str = words if len(words) > _SHORT else short.setdefault(words, words)
            else:
                child_leads = leads and level < len(records) and records[level] == name
                value = self._object(child, level + 1, leads=child_leads)
                if child_leads and level + 1 == len(records):
                    self.done.append(value)
                    continue
            if name in said:
                _add(said, name, value)
            else:
                said[name] = value
            if name in _INLINE and (inside := _words(value)):
                inner.append((number, inside))
        if told or inner:
            return self._finished(said, self._text(element.text, [child.tail or "" for child in element], inner))
        return self._finished(said, self._text(element.text, (), ()))

    def _said(self, element: Element, level: int) -> dict[str, Any]:
        if level >= MAX_DEPTH:
            raise ReportError(RejectReason.TOO_DEEP, f"the XML is nested deeper than {MAX_DEPTH} levels")
        names, same = self._attributes, self._short
        return {
            names[name]: value if len(value) > _SHORT else same.setdefault(value, value)
            for name, value in element.items()
        }

    def _text(self, text: str | None, tails: Sequence[str], inner: Sequence[tuple[int, str]]) -> str:
        """Return an element's text, with that of the XHTML within it (``set <b>this</b> to …``) where it stood."""
        words = "".join((text or "", *tails)).strip() if tails else text.strip() if text else ""
        if words and inner:
            pieces = list(tails)
            for position, piece in reversed(inner):
                pieces.insert(position, piece)
            return "".join((text or "", *pieces)).strip()
        return words if len(words) > _SHORT else self._short.setdefault(words, words)

    def _finished(self, said: dict[str, Any], words: str) -> dict[str, Any] | str:
        if not said:
            return words
        if words:
            said["#text"] = words
        return said


def _words(value: dict[str, Any] | str) -> str | None:
    return value if isinstance(value, str) else value.get("#text")


def _add(parent: dict[str, Any], name: str, value: dict[str, Any] | str) -> None:
    present = parent.get(name)
    if present is None:
        parent[name] = value
    elif present.__class__ is list:
        present.append(value)
    else:
        parent[name] = [present, value]


def local(tag: str) -> str:
    """Return a tag's name without its namespace."""
    return tag.rpartition("}")[2]
