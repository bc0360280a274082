"""Collects what is wrong with a mapping file, each mistake with its line."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

from sluice_normaliser.kit import MapError, PathSyntaxError
from sluice_shared.config import Document, Problem

At = tuple[str | int, ...]
"""Where something stands in the document."""


class Problems:
    """The mistakes of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Problem] = []

    def add(self, at: At, message: str, hint: str = "", *, key: bool = False) -> None:
        """Note a mistake at a place; with ``key`` it is the name that is wrong, not its value."""
        self.found.append(self.document.problem(at, message, hint, key=key))

    def unknown(self, at: At, known: Sequence[str]) -> None:
        """Note a name that means nothing here."""
        near = get_close_matches(str(at[-1]), known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        self.add(at, f"there is no {at[-1]} here", hint, key=True)

    @contextmanager
    def at(self, at: At) -> Iterator[None]:
        """Note what the kit says against what is written here."""
        try:
            yield
        except KeyError as error:
            self.add(at, str(error.args[0]) if error.args else "an unknown name")
        except (MapError, PathSyntaxError, re.error, ValueError, TypeError) as error:
            self.add(at, str(error))
