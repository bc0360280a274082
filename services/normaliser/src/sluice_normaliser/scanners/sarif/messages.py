"""SARIF messages (§3.11): by text or by id, with arguments and embedded links."""

import re
from typing import Any

from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import arr, obj, words

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_LOCAL_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\((?:\d+|#[^)]*|sarif:[^)]*)\)")
_ESCAPED = re.compile(r"\\([\[\]\\])")


def message_text(value: Any) -> str | None:
    """Return the text of a ``multiformatMessageString`` (§3.12) or of a plain message: its text, else its Markdown."""
    if value.__class__ is str:
        return words(value)
    message = obj(value)
    return words(message.get("text")) or words(message.get("markdown"))


def fill(pattern: str, arguments: list[Any]) -> str:
    """Return the text with ``{0}`` replaced by the first argument and so on, ``{{`` being a brace (§3.11.5)."""

    def one(match: re.Match[str]) -> str:
        whole = match.group()
        if whole in {"{{", "}}"}:
            return whole[0]
        index = int(match.group(1))
        return (text(arguments[index]) or "") if index < len(arguments) else whole

    return _PLACEHOLDER.sub(one, pattern)


def unlink(message: str) -> str:
    """Return the text with links into the report itself, ``[name](1)``, as their name (§3.11.6)."""
    if "](" not in message:
        return message
    return _ESCAPED.sub(r"\1", _LOCAL_LINK.sub(r"\1", message))


def resolve(message: Any, *catalogues: Any) -> str | None:
    """Return a message's text; its id is looked up in the catalogues (a rule's strings, then its component's)."""
    given = obj(message)
    if not given:
        return words(message) if message.__class__ is str else None
    pattern = message_text(given)
    arguments = arr(given.get("arguments"))
    if pattern is None:
        key = given.get("id")
        if key.__class__ is str:
            for catalogue in catalogues:
                pattern = message_text(obj(catalogue).get(key))
                if pattern is not None:
                    break
        if pattern is None:
            return ", ".join(found for each in arguments if (found := text(each))) or None
        return unlink(fill(pattern, arguments))
    return unlink(fill(pattern, arguments) if arguments else pattern)
