"""JSON pointers (RFC 6901), and texts with pointers in braces: ``repo:github.com/{/repository/full_name}``."""

import re
from dataclasses import dataclass

_PLACE = re.compile(r"\{(/[^{}]*)\}")
_BAD_ESCAPE = re.compile(r"~(?![01])")


class PointerError(ValueError):
    """The pointer is not well-formed, or leads to nothing usable; the message says which and why."""


def check_pointer(pointer: str) -> str:
    """Return the pointer if it is well-formed, else raise :class:`PointerError`."""
    if not pointer.startswith("/"):
        raise PointerError(f"'{pointer}' is no JSON pointer: it begins with a slash, for example /repository/full_name")
    if _BAD_ESCAPE.search(pointer):
        raise PointerError(f"'{pointer}' is no JSON pointer: ~ is written ~0, and a slash inside a name ~1")
    return pointer


def find(document: object, pointer: str) -> str | None:
    """Return the text, number or truth value at the pointer as text; None when it is not there or null.

    Raises :class:`PointerError` when an object or a list is there.
    """
    value = document
    for token in pointer[1:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        raise PointerError(
            f"at {pointer} the body holds no text but {'an object' if isinstance(value, dict) else 'a list'}"
        )
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Template:
    """A text in which each ``{/pointer}`` stands for the value at that pointer of the body."""

    text: str

    @property
    def pointers(self) -> list[str]:
        """The pointers in it, checked; raises :class:`PointerError`."""
        return [check_pointer(match) for match in _PLACE.findall(self.text)]

    def fill(self, document: object) -> str:
        """Return the text with its pointers' values; raises :class:`PointerError` when one leads to nothing."""

        def value(match: re.Match[str]) -> str:
            found = find(document, match[1])
            if not found:
                raise PointerError(f"the body has nothing at {match[1]}")
            return found

        return _PLACE.sub(value, self.text)
