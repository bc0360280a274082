"""XML: read through defusedxml, turned into objects record by record, so that a large report needs little memory.

An element becomes an object: its attributes under ``@name``, its children under their names (a list where one repeats),
its text under ``#text``. One without attributes and children is just its text. Namespaces are dropped from names.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from sluice_normaliser.kit.containers.elements import Objects, local
from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

_BLANKS = frozenset({9, 10, 13})
_CONTROLS = bytes(set(range(32)) - _BLANKS)
_ILLEGAL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,12})|([0-9]{1,12}));")
_NO_CHARACTERS = (range(0x20), range(0xD800, 0xE000), range(0xFFFE, 0x10000))
_INSTEAD = "\ufffd".encode()

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


class XmlDocument:
    """One document in UTF-8, whatever it declares. ``stream`` yields the records; ``root`` is the rest so far."""

    def __init__(self, body: bytes) -> None:
        self._body = legal(body)
        self.root: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        """Return the whole document as one object (the root element)."""
        for _ in self.stream(()):
            pass
        return self.root

    def stream(self, records: tuple[str, ...]) -> Iterator[Any]:
        """Yield the object of each element at the path ``records`` below the root, soon after it ends.

        The tree is built by ElementTree's own parser, at twice the speed of one with handlers in Python; what that one
        would not refuse can only stand before the root, so that part is read by defusedxml first.
        Raises ReportError: MALFORMED, TRUNCATED, TOO_DEEP.
        """
        body = self._body
        builder = TreeBuilder()
        objects = Objects(builder.start("above", {}), records)
        try:
            _check_prolog(body)
            parser = XMLParser(target=builder, encoding="utf-8")  # noqa: S314 - its prolog is checked
            for start in range(0, len(body), _CHUNK):
                parser.feed(body[start : start + _CHUNK])
                objects.advance()
                self.root = objects.root
                if objects.done:
                    ready, objects.done = objects.done, []
                    yield from ready
            parser.close()
        except ParseError as error:
            raise _error(error) from error
        except DefusedXmlException as error:
            raise _forbidden(error) from error
        objects.advance(ended=True)
        self.root = objects.root
        yield from objects.done


def legal(body: bytes) -> bytes:
    """Return the body with U+FFFD for what XML cannot hold, which responses and output of targets often do hold.

    That are most control characters, U+FFFE and U+FFFF, and references to them; and blanks before the declaration.
    """
    if body[:1].isspace():
        body = body.lstrip()
    if len(body.translate(None, _CONTROLS)) != len(body) or b"\xef\xbf" in body:
        body = _ILLEGAL.sub(_INSTEAD, body)
    if b"&#" in body:
        body = _REFERENCE.sub(lambda found: _INSTEAD if _is_illegal(found) else found.group(), body)
    return body


def _is_illegal(reference: re.Match[bytes]) -> bool:
    hexadecimal, decimal = reference.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return number > sys.maxunicode or (number not in _BLANKS and any(number in span for span in _NO_CHARACTERS))


class _RootReached(Exception):  # noqa: N818 - no error
    """The prolog has ended."""


def _check_prolog(body: bytes) -> None:
    """Raise what defusedxml raises on a document: entities can only be declared before the root."""

    def end(*_: Any) -> None:
        raise _RootReached

    parser = _parser(None)
    parser.parser.StartElementHandler = end
    with suppress(_RootReached):
        for start in range(0, len(body), _HEAD):
            parser.feed(body[start : start + _HEAD])


def _parser(target: Any) -> Any:
    return DefusedXMLParser(
        target=target, encoding="utf-8", forbid_dtd=False, forbid_entities=True, forbid_external=True
    )


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
    # straight from expat, which halves the time
    parser.parser.StartElementHandler = target.start
    parser.parser.EndElementHandler = target.end
    with suppress(ParseError, DefusedXmlException, ValueError, LookupError):
        parser.feed(legal(body[:_HEAD]))
    if not target.root:
        return None
    return Head(target.root, target.namespace, frozenset(target.paths), target.values)


def check(body: bytes) -> None:
    """Raise the ReportError that says why ``body`` is no XML."""
    for _ in XmlDocument(body).stream(()):
        pass
