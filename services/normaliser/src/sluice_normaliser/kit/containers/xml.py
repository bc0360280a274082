"""XML: read through defusedxml, turned into objects record by record, so that a large report needs little memory.

An element becomes an object: its attributes under ``@name``, its children under their names (a list where one repeats),
its text under ``#text``. One without attributes and children is just its text. Namespaces are dropped from names.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

MAX_DEPTH = 200
"""Levels of nesting."""

_CHUNK = 1 << 18
_HEAD = 1 << 16
_END_OF_DATA = (3, 5, 13)
"""Expat's codes for a document that ends early: no element found, unclosed token, unclosed CDATA section."""


class Head(NamedTuple):
    """The beginning of a document: its root, the namespace, and the element and attribute paths seen in it."""

    root: str
    namespace: str
    paths: frozenset[str]
    values: dict[str, str]


def local(tag: str) -> str:
    """Return a tag's name without its namespace."""
    return tag.rpartition("}")[2]


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


class _Builder:
    """Builds an object for each element at ``records`` and one for everything else; its methods are expat's handlers.

    Of an open element the stack keeps its name, its object, its texts, and the texts of XHTML within it.
    """

    def __init__(self, records: tuple[str, ...]) -> None:
        self._records = records
        self._deep = len(records) + 1 if records else 0
        self._stack: list[tuple[str, dict[str, Any], list[str], list[tuple[int, str]]]] = []
        self._texts: list[str] = []
        self._names = _Names("")
        self._attributes = _Names("@")
        self._short: dict[str, str] = {}
        self.done: list[dict[str, Any] | str] = []
        self.root: dict[str, Any] = {}

    def start(self, tag: str, attributes: list[str]) -> None:
        """Open an element; ``attributes`` are names and values in turn."""
        stack = self._stack
        if len(stack) >= MAX_DEPTH:
            raise ReportError(RejectReason.TOO_DEEP, f"the XML is nested deeper than {MAX_DEPTH} levels")
        element: dict[str, Any] = {}
        if attributes:
            names = self._attributes
            pairs = iter(attributes)
            same = self._short
            element = {
                names[name]: value if len(value) > _SHORT else same.setdefault(value, value)
                for name, value in zip(pairs, pairs, strict=True)
            }
        if not stack:
            self.root = element
        name = self._names[tag]
        self._texts = []
        stack.append((name, element, self._texts, []))

    def data(self, data: str) -> None:
        """Keep a piece of text."""
        self._texts.append(data)

    def end(self, tag: str) -> None:  # noqa: ARG002 - expat has checked that it matches
        """Close an element."""
        stack = self._stack
        at_record = len(stack) == self._deep and tuple(opened[0] for opened in stack[1:]) == self._records
        name, element, texts, inner = stack.pop()
        words = "".join(texts).strip()
        if words and inner:
            words = _mixed(texts, inner)
        elif words and len(words) <= _SHORT:
            words = self._short.setdefault(words, words)
        value: dict[str, Any] | str = element
        if words:
            if element:
                element["#text"] = words
            else:
                value = words
        elif not element:
            value = ""
        if stack:
            self._texts = stack[-1][2]
        if at_record:
            self.done.append(value)
        elif stack:
            if words and name in _INLINE:
                stack[-1][3].append((len(self._texts), words))
            _add(stack[-1][1], name, value)
        elif not element and words:
            self.root["#text"] = words

    def close(self) -> dict[str, Any]:
        """Return the root."""
        return self.root


def _mixed(texts: list[str], inner: list[tuple[int, str]]) -> str:
    """Return a text with that of the XHTML within it (``set <b>this</b> to …``), each part where it stood."""
    for position, words in reversed(inner):
        texts.insert(position, words)
    return "".join(texts).strip()


def _add(parent: dict[str, Any], name: str, value: dict[str, Any] | str) -> None:
    present = parent.get(name)
    if present is None:
        parent[name] = value
    elif isinstance(present, list):
        present.append(value)
    else:
        parent[name] = [present, value]


class XmlDocument:
    """One document. ``stream`` yields the records; ``root`` then holds whatever stood outside them so far."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.root: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        """Return the whole document as one object (the root element)."""
        for _ in self.stream(()):
            pass
        return self.root

    def stream(self, records: tuple[str, ...]) -> Iterator[Any]:
        """Yield the object of each element at the path ``records`` below the root, as soon as it ends.

        Raises ReportError: MALFORMED, TRUNCATED, TOO_DEEP.
        """
        target = _Builder(records)
        parser = _parser(target)
        body = self._body
        try:
            for start in range(0, len(body), _CHUNK):
                parser.feed(body[start : start + _CHUNK])
                self.root = target.root
                if target.done:
                    ready, target.done = target.done, []
                    yield from ready
            parser.close()
        except ParseError as error:
            raise _error(error) from error
        except DefusedXmlException as error:
            raise _forbidden(error) from error
        except LookupError as error:
            raise ReportError(RejectReason.MALFORMED, f"the XML names an encoding there is not: {error}") from error
        self.root = target.root
        yield from target.done


def _parser(target: Any) -> Any:
    """Return defusedxml's parser, its elements going to the target straight from expat, which halves the time."""
    parser = DefusedXMLParser(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    parser.parser.StartElementHandler = target.start
    parser.parser.EndElementHandler = target.end
    return parser


def _error(error: ParseError) -> ReportError:
    line, column = error.position
    if error.code in _END_OF_DATA:
        return ReportError(
            RejectReason.TRUNCATED,
            f"the XML ends in the middle, at line {line} column {column + 1}: is the report truncated? "
            "Send the whole file, and check that the scanner ended by itself",
        )
    return ReportError(RejectReason.MALFORMED, f"no valid XML at line {line} column {column + 1}: {error}")


def _forbidden(error: DefusedXmlException) -> ReportError:
    return ReportError(
        RejectReason.MALFORMED,
        f"the XML declares entities or refers to other files, which is refused for safety ({type(error).__name__}); "
        "remove its DOCTYPE",
    )


class _HeadTarget:
    def __init__(self) -> None:
        self.root = ""
        self.namespace = ""
        self.paths: set[str] = set()
        self.values: dict[str, str] = {}
        self._open: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: list[str]) -> None:
        name = local(tag)
        if self._open:
            above = self._open[-1]
            here = f"{above}.{name}" if above else name
        else:
            here = ""
            self.root, self.namespace = name, tag.rpartition("}")[0]
        self._open.append(here)
        self.paths.add(here)
        if attributes:
            prefix = f"{here}.@" if here else "@"
            pairs = iter(attributes)
            for key, value in zip(pairs, pairs, strict=True):
                path = prefix + local(key)
                self.paths.add(path)
                self.values.setdefault(path, value)
        self._text = []

    def data(self, data: str) -> None:
        self._text.append(data)

    def end(self, tag: str) -> None:  # noqa: ARG002 - expat has checked that it matches
        here = self._open.pop()
        if self._text:
            if here not in self.values:
                self.values[here] = "".join(self._text).strip()
            self._text = []

    def close(self) -> None:
        return None


def head(body: bytes) -> Head | None:
    """Return what the first 64 KiB of a document show, or None when not even its root can be read."""
    target = _HeadTarget()
    parser = _parser(target)
    with suppress(ParseError, DefusedXmlException, ValueError, LookupError):
        parser.feed(body[:_HEAD])
    if not target.root:
        return None
    return Head(target.root, target.namespace, frozenset(target.paths), target.values)


def check(body: bytes) -> None:
    """Raise the ReportError that says why ``body`` is no XML."""
    for _ in XmlDocument(body).stream(()):
        pass
