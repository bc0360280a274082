"""What a raw report says: whether an expected value stands in it at all, or is the reference parser's own."""

import html
import re

from sluice_normaliser.kit import ReportError
from sluice_normaliser.kit.body import Body

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NUMBER = re.compile(r"(?<![\d.])\d+(?!\d|\.\d)")
_PARTS = re.compile(r"\s+>\s+|[@>|/\s]+")
_SHORTEST_NAME = 4


class Said:
    """The texts of a report, without the escapes of its container, in lower case."""

    def __init__(self, raw: bytes) -> None:
        body = Body(raw)
        whole = "\n".join(_members(body)) if body.is_archive else body.text
        plain = html.unescape(whole)
        escaped = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), plain)
        escaped = escaped.replace("\\/", "/").replace("\\\\", "\\").replace('\\"', '"')
        self._text = "\n".join(dict.fromkeys((whole, plain, escaped))).lower()
        self._numbers = frozenset(_NUMBER.findall(self._text))

    def __contains__(self, words: str) -> bool:
        return words.lower() in self._text

    def says(self, measure: str, item: str | int) -> bool:
        """Return True when the report says an expected value of a measure; in parts, where the value is put together.

        A weakness counts as said when its number stands in a report that speaks of CWEs at all, an identifier when it
        is no single character.
        """
        if measure == "cwes":
            return "cwe" in self and str(item) in self._numbers
        words = str(item)
        if measure == "identifiers":
            return len(words) >= _SHORTEST_NAME and words in self
        if measure == "lines":
            path, _, line = words.rpartition(":")
            return line in self._numbers and self._in_parts(path)
        return self._in_parts(words.removeprefix("//") if measure == "hosts" else words)

    def _in_parts(self, words: str) -> bool:
        return words in self or all(part in self for part in _PARTS.split(words) if part)


def _members(body: Body) -> list[str]:
    texts: list[str] = []
    for name in body.archive.names:
        try:
            texts.append(Body(body.archive.read(name)).text)
        except ReportError:
            texts.append(name)
    return texts
