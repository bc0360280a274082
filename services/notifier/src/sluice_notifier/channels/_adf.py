"""Builds texts in the Atlassian Document Format, version 1. Text nodes need no escaping; there are no empty ones."""

from collections.abc import Iterable
from typing import Any

Node = dict[str, Any]


def document(blocks: Iterable[Node | None]) -> Node:
    """Return a document of these blocks."""
    return {"type": "doc", "version": 1, "content": [block for block in blocks if block is not None]}


def paragraph(*inline: Node | None) -> Node:
    """Return a paragraph."""
    return {"type": "paragraph", "content": [node for node in inline if node is not None]}


def heading(text: str, level: int = 3) -> Node:
    """Return a heading of a level from 1 to 6."""
    return {"type": "heading", "attrs": {"level": level}, "content": [plain(text)]}


def bullets(items: Iterable[Iterable[Node]]) -> Node | None:
    """Return a list, each item with its inline nodes; None when there is none."""
    entries = [{"type": "listItem", "content": [paragraph(*inline)]} for inline in items]
    return {"type": "bulletList", "content": entries} if entries else None


def plain(text: str) -> Node:
    """Return a piece of text."""
    return {"type": "text", "text": text or "–"}


def strong(text: str) -> Node:
    """Return a piece of bold text."""
    return {**plain(text), "marks": [{"type": "strong"}]}


def link(text: str, url: str) -> Node:
    """Return a link; plain text when the URL is not one of the web."""
    if not url.startswith(("https://", "http://")):
        return plain(text)
    return {**plain(text), "marks": [{"type": "link", "attrs": {"href": url}}]}
