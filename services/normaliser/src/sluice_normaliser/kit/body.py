"""A report's body, decoded, and whatever it can be read as; each reading is made once."""

import re
from functools import cached_property
from itertools import islice
from typing import Any

import orjson

from sluice_normaliser.kit.containers import csv, json, xml
from sluice_normaliser.kit.containers.archive import MAGIC, Archive
from sluice_normaliser.kit.decode import decode, decompress
from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

_BINARY_SHARE = 0.02
_HEAD = 1 << 16
_CONTROLS = bytes({*range(9), *range(14, 27), *range(28, 32)})
_SAMPLE = 4096
_RECORD_SEPARATOR = "\x1e"  # before each value of a JSON text sequence (RFC 7464)
_LONGEST_HOLLOW = 512
_COMMON_NAMES = frozenset(
    {"results", "result", "findings", "vulnerabilities", "issues", "items", "data", "value", "values", "hits"}
    | {"artifacts", "alerts", "records", "matches", "errors", "total", "count"}
)
_JSON_OR_XML = frozenset({b"{", b"[", b"<", b""})
_VALUE = re.compile(rb"(?m)^[ \t]*[\[{](?=\s*[\"{\[])")
_GOES_ON = frozenset({b"=", b"(", b":", b","})
"""Behind these a value is a part of something, such as a script."""

_TRIED = 8
"""Lines that may begin a JSON value behind a log: a log holds few others that do."""

_MARKUP = ("<!doctype html", "<html", "<head", "<body")


class Body:
    """The bytes of a report. ``containers`` names what it can be, most telling first.

    ``outer_names`` are the names on the outside of the JSON in each container, for rules that look there first.
    """

    def __init__(self, raw: bytes) -> None:
        plain = decompress(raw)
        self.is_archive = plain.startswith(MAGIC)
        if self.is_archive:
            self.bytes, self.encoding, self.encoding_guessed = plain, "binary", False
        else:
            self.bytes, self.encoding, self.encoding_guessed = decode(plain)
        if not self.is_archive and (behind := _behind_a_log(self.bytes)) is not None:
            self.bytes, self.__dict__["json"] = behind  # parsed already
        self._json_error: ReportError | None = None
        self.outer_names: dict[str, frozenset[str]] = {}

    @cached_property
    def start(self) -> str:
        """The first characters that are no blanks."""
        return self.bytes.lstrip()[:256].decode("utf-8", "replace")

    @property
    def trivial(self) -> str | None:
        """The body itself when nothing can be told from it: ``""``, ``"[]"``, ``"{}"``, ``"null"``, ``"[[]]"``."""
        if len(self.bytes) > 64:  # noqa: PLR2004 - longer than any of them with its blanks
            return "" if not self.bytes.strip() else None
        squeezed = b"".join(self.bytes.split()).decode("utf-8", "replace")
        return squeezed if squeezed in {"", "[]", "{}", "null", "[[]]", "[{}]", '""'} else None

    @cached_property
    def head(self) -> str:
        """The first 64 KiB as text."""
        return self.bytes[:_HEAD].decode("utf-8", "replace")

    @cached_property
    def is_hollow(self) -> bool:
        """True for an object of empty entries under names that many scanners use: ``{"results": []}``."""
        if len(self.bytes) > _LONGEST_HOLLOW or self.trivial is not None or self.containers[:1] != ("json",):
            return False
        try:
            return isinstance(self.json, dict) and _is_hollow(self.json)
        except ReportError:
            return False

    @cached_property
    def text(self) -> str:
        """The whole body as text."""
        return self.bytes.decode("utf-8", "replace")

    @cached_property
    def containers(self) -> tuple[str, ...]:
        """What the body can be read as; empty when it is not even text."""
        if self.is_archive:
            return ("zip",)
        if self._is_binary():
            return ()
        start = self.start
        if start[:1] in "{[" or start == "null":
            return ("json", "jsonl", "text")
        if start[:1] == "<":
            markup = start.lower()
            if any(mark in markup for mark in _MARKUP):
                return ("html", "xml", "text")
            return ("xml", "html", "text")
        return ("jsonl", "text") if start[:1] == _RECORD_SEPARATOR else ("csv", "text")

    def _is_binary(self) -> bool:
        sample = self.bytes[:_SAMPLE]
        strange = len(sample) - len(sample.translate(None, _CONTROLS))
        return bool(sample) and strange > len(sample) * _BINARY_SHARE

    @cached_property
    def json(self) -> Any:
        """The body as one JSON value, however deep; raises ReportError."""
        if self._json_error is None:
            try:
                return json.parse(self.bytes)
            except ReportError as error:
                self._json_error = error
        raise self._json_error

    @cached_property
    def jsonl(self) -> list[Any]:
        """The body as a list of JSON values, however deep; raises ReportError."""
        if "json" in self.__dict__:
            return [self.json]
        return json.parse_many(self.bytes)

    @cached_property
    def xml_head(self) -> xml.Head | None:
        """What the beginning of the XML shows."""
        return xml.head(self.bytes)

    @cached_property
    def csv_headers(self) -> list[csv.Header]:
        """The lines that may be the header of a table."""
        return csv.headers(self.head)

    @cached_property
    def csv_columns(self) -> list[tuple[csv.Header, frozenset[str]]]:
        """Those lines with the names of their columns in lower case."""
        return [(line, frozenset(column.lower() for column in line.columns)) for line in self.csv_headers]

    @cached_property
    def archive(self) -> Archive:
        """The body as an archive; raises ReportError."""
        return Archive(self.bytes)

    def problem(self) -> ReportError | None:
        """Return why the body is nothing that its first character promises, or None when it is well-formed."""
        containers = self.containers
        if not containers:
            return ReportError(
                RejectReason.NOT_TEXT,
                "the body is binary data, no report in text; send the scanner's JSON, XML, CSV or SARIF output",
            )
        try:
            if containers[0] == "json":
                self._any_json()
            elif containers[0] == "xml":
                xml.check(self.bytes)
            elif containers[0] == "zip":
                _ = self.archive
        except ReportError as error:
            return error
        return None

    def _any_json(self) -> None:
        try:
            json.check_nesting(self.json)
        except ReportError as error:
            if error.reason is RejectReason.TOO_DEEP:
                raise
            try:
                json.check_nesting(self.jsonl, json.MAX_DEPTH + 1)
            except ReportError:
                raise error from None


def _behind_a_log(body: bytes) -> tuple[bytes, Any] | None:
    """Return the one JSON value at the end of a body, its bytes and itself, when lines of a log stand before it.

    Pipelines write both into one file. It must reach to the end of the body.
    """
    start = body.lstrip()[:1]
    if start in _JSON_OR_XML or body.rstrip()[-1:] not in {b"}", b"]"}:
        return None
    for found in islice(_VALUE.finditer(body, 0, _HEAD), _TRIED):
        if body[: found.start()].rstrip()[-1:] in _GOES_ON:
            continue
        rest = body[found.start() :]
        try:
            value = orjson.loads(rest)
        except orjson.JSONDecodeError:
            continue
        if value and (isinstance(value, dict) or isinstance(value[0], dict)):
            return rest, value
    return None


def _is_hollow(value: Any) -> bool:
    if isinstance(value, dict):
        return all(name.lower() in _COMMON_NAMES and _is_hollow(inner) for name, inner in value.items())
    return value in ([], None, 0)
