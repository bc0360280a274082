"""Text from scanners: without terminal colours, without markup, not longer than a row should hold."""

import base64
import binascii
import re
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser

TITLE_LENGTH = 300
SNIPPET_LENGTH = 8_192
EVIDENCE_LENGTH = 32_768
TEXT_LENGTH = 65_536

_REMEMBERED = 16_384
"""Characters of a text that is remembered."""

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'`(])")
_BLANK_LINES = re.compile(r"\n\s*\n\s*(?:\n\s*)+")
_BREAKING = frozenset({"p", "br", "div", "li", "tr", "ul", "ol", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6"})


def from_base64(words: str) -> bytes:
    """Return what Base64 (blanks and line breaks do not matter) stands for; what is none is returned as it is."""
    try:
        return base64.b64decode("".join(words.split()), validate=True)
    except (binascii.Error, ValueError):
        return words.encode()


def strip_ansi(words: str) -> str:
    """Return the text without terminal escape sequences."""
    return _ANSI.sub("", words) if "\x1b" in words else words


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - fixed by the base
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain(words: str) -> str:
    """Return HTML as plain text with its line breaks; a text without tags only has its entities undone."""
    if not _TAG.search(words):
        return unescape(words) if "&" in words else words
    return _rendered(words) if len(words) <= _REMEMBERED else _rendered.__wrapped__(words)


@lru_cache(maxsize=512)
def _rendered(words: str) -> str:
    """Return HTML as text; remembered, since every finding of a rule brings the rule's description again."""
    parser = _Texts()
    parser.feed(words)
    parser.close()
    return _BLANK_LINES.sub("\n\n", "".join(parser.parts)).strip()


def first_sentence(words: str) -> str:
    """Return the first sentence of the first line that has text, on one line."""
    head = words.strip().split("\n", 1)[0].strip()
    return _SENTENCE.split(head, maxsplit=1)[0]


def clip(words: str, length: int) -> str:
    """Return the text, cut to at most ``length`` characters with a visible ellipsis."""
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"
