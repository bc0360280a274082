"""What may stand as a field's value in a declarative map: a path, a constant, or one of these small expressions."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

from sluice_normaliser.kit import coerce, text
from sluice_normaliser.kit.path import (
    ALL,
    KEY,
    VALUES,
    Frame,
    Getter,
    Path,
    Step,
    compile_path,
    each_frame,
    first_of,
    parse_path,
    split_alternatives,
)
from sluice_normaliser.kit.unmapped import Used, note

__all__ = ["ALL", "VALUES"]


class MapError(ValueError):
    """A map is written wrongly; raised at start-up, with the folder's name."""


class Expression:
    """Something that compiles to a closure from a frame to a value."""

    def compile(self, compiler: "Compiler") -> Getter:
        """Return the closure, and note in the compiler which parts of the record it uses."""
        raise NotImplementedError


_DOCUMENT = 1_000
"""How many records up the document is, whatever lies between."""

Expr = str | Enum | int | float | bool | Expression
"""A path (text), a constant (anything else that is no expression), or an expression."""


class Compiler:
    """Compiles the expressions of one map and remembers what of the record they use.

    ``nearest`` is how many records up an expression looks at least: 0 at its own record, None at none at all. It is
    reset before each field, so that what only looks further up is worked out once for all records below.
    """

    def __init__(self) -> None:
        self.used: Used = {}
        self.nearest: int | None = None
        self._scopes: list[tuple[Step, ...]] = [()]

    def compile(self, expression: Expr) -> Getter:
        """Return the closure of any expression."""
        if isinstance(expression, Expression):
            return expression.compile(self)
        if isinstance(expression, str) and not isinstance(expression, Enum):
            return self.path(expression)
        return lambda _: expression

    def path(self, source: str) -> Getter:
        """Return the closure of a path with its alternatives."""
        getters: list[Getter] = []
        for alternative in split_alternatives(source):
            path = parse_path(alternative)
            self.reach(path)
            self.note(path, tuple(getters))
            getters.append(compile_path(path))
        return first_of(getters)

    def reach(self, path: Path) -> None:
        """Remember how far up a path looks; what lies within ``each`` was counted with its path."""
        up = _DOCUMENT if path.up < 0 else path.up - len(self._scopes) + 1
        if up >= 0:
            self.nearest = up if self.nearest is None else min(self.nearest, up)

    def note(self, path: Path, better: tuple[Getter, ...] = ()) -> None:
        """Remember that a path is used; inside ``each`` it is used whatever the better alternatives hold."""
        index = len(self._scopes) - 1 - path.up
        if path.up < 0 or index < 0 or (path.steps and path.steps[0] == ("key", KEY)):
            return
        steps = self._scopes[index] + path.steps
        if steps:
            note(self.used, steps, better if len(self._scopes) == 1 else ())

    @contextmanager
    def inside(self, path: Path) -> Iterator[None]:
        """Compile what is relative to each record at ``path``."""
        self.reach(path)
        depth = len(self._scopes)
        base = self._scopes[-1 - path.up] if 0 <= path.up < depth else None
        taken: tuple[Step, ...] = ()
        for number, step in enumerate(path.steps):
            taken += (step,)
            if step.kind in {"all", "values"} or number == len(path.steps) - 1:
                self._scopes.append(taken if base is None else base + taken)
        yield
        del self._scopes[depth:]


class call(Expression):  # noqa: N801 - reads as a function in a map
    """``call(function, "path", …)``: the function's result for the values of the paths.

    A path ``"."`` gives the whole record, of which nothing counts as used but what ``uses`` names. An object that is
    only looked at is given as ``peek("path")``.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Expr, uses: tuple[str, ...] = ()) -> None:
        self._function, self._arguments, self._uses = function, arguments, uses

    def compile(self, compiler: Compiler) -> Getter:
        function = self._function
        getters = [compiler.compile(argument) for argument in self._arguments]
        for path in self._uses:
            compiler.note(parse_path(path))
        if len(getters) == 1:
            only = getters[0]
            return lambda frame: function(only(frame))
        return lambda frame: function(*[getter(frame) for getter in getters])


class peek(Expression):  # noqa: N801
    """``peek("path")``: the path's value, without the path counting as used, so that it stays under ``unmapped``.

    For looking at an object whose parts are mapped elsewhere, or only to decide something.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def compile(self, compiler: Compiler) -> Getter:
        paths = [parse_path(each_) for each_ in split_alternatives(self._path)]
        for path in paths:
            compiler.reach(path)
        return first_of([compile_path(path) for path in paths])


class const(Expression):  # noqa: N801
    """A constant text (a bare text would be a path)."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def compile(self, compiler: Compiler) -> Getter:  # noqa: ARG002
        value = self._value
        return lambda _: value


class first(Expression):  # noqa: N801
    """The first of several expressions that gives anything."""

    def __init__(self, *choices: Expr) -> None:
        self._choices = choices

    def compile(self, compiler: Compiler) -> Getter:
        return first_of([compiler.compile(choice) for choice in self._choices])


class lookup(Expression):  # noqa: N801
    """``lookup("path", {"said": meant}, default=…)``: by the text in lower case. Without a default, None."""

    def __init__(self, value: Expr, table: Mapping[str, Any], default: Any = None) -> None:
        self._value, self._default = value, default
        self._table = {str(key).lower(): meant for key, meant in table.items()}

    def compile(self, compiler: Compiler) -> Getter:
        get, table, default = compiler.compile(self._value), self._table, self._default

        def find(frame: Frame) -> Any:
            said = coerce.text(get(frame))
            return default if said is None else table.get(said.strip().lower(), default)

        return find


class template(Expression):  # noqa: N801
    """``template("{name} in {path}")``: paths in braces. None when none of them has a value."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def compile(self, compiler: Compiler) -> Getter:
        pieces = re.split(r"\{([^{}]+)\}", self._pattern)
        literals, getters = pieces[::2], [compiler.path(path) for path in pieces[1::2]]
        if not getters:
            raise MapError(f"a template without any {{path}}: {self._pattern!r}; use const()")

        def fill(frame: Frame) -> str | None:
            values = [coerce.text(getter(frame)) for getter in getters]
            if not any(values):
                return None
            parts = [literals[0]]
            for value, literal in zip(values, literals[1:], strict=True):
                parts += [value or "", literal]
            return "".join(parts).strip()

        return fill


class join(Expression):  # noqa: N801
    """``join("a", "b[]", sep=" ")``: the values that there are, one after the other."""

    def __init__(self, *parts: Expr, sep: str = "\n") -> None:
        self._parts, self._separator = parts, sep

    def compile(self, compiler: Compiler) -> Getter:
        getters, separator = [compiler.compile(part) for part in self._parts], self._separator

        def joined(frame: Frame) -> str | None:
            found: list[str] = []
            for getter in getters:
                value = getter(frame)
                texts = [coerce.text(item) for item in value] if isinstance(value, list) else [coerce.text(value)]
                found += [words for words in texts if words]
            return separator.join(found) or None

        return joined


class sections(Expression):  # noqa: N801
    """``sections("description", Impact="impact")``: texts under headings, parted by blank lines.

    The plain ones come first; the name of a keyword is its heading, with blanks for underscores. HTML becomes text.
    """

    def __init__(self, *plain: Expr, **titled: Expr) -> None:
        self._parts = [("", part) for part in plain]
        self._parts += [(title.replace("_", " "), part) for title, part in titled.items()]

    def compile(self, compiler: Compiler) -> Getter:
        parts = [(title, compiler.compile(part)) for title, part in self._parts]

        def joined(frame: Frame) -> str | None:
            found: list[str] = []
            for title, getter in parts:
                words = coerce.text(getter(frame))
                if words is None:
                    continue
                words = text.plain(words).strip()
                if words and words not in found:
                    found.append(f"{title}:\n{words}" if title else words)
            return "\n\n".join(found) or None

        return joined


class when(Expression):  # noqa: N801
    """``when(condition, then, otherwise)``: by whether the condition's value is anything (False and 0 are not)."""

    def __init__(self, condition: Expr, then: Expr, otherwise: Expr | None = None) -> None:
        self._condition, self._then, self._otherwise = condition, then, otherwise

    def compile(self, compiler: Compiler) -> Getter:
        holds, then = compiler.compile(self._condition), compiler.compile(self._then)
        otherwise: Getter = (lambda _: None) if self._otherwise is None else compiler.compile(self._otherwise)
        return lambda frame: then(frame) if holds(frame) else otherwise(frame)


class each(Expression):  # noqa: N801
    """``each("list[]", expression)``: the expression for each record there, as a list; paths in it are relative.

    ``where`` keeps only the records for which it gives anything.
    """

    def __init__(self, path: str, expression: Expr, where: Expr | None = None) -> None:
        self._path, self._expression, self._where = path, expression, where

    def compile(self, compiler: Compiler) -> Getter:
        paths = [parse_path(alternative) for alternative in split_alternatives(self._path)]
        compiled: list[tuple[Path, Getter, Getter | None]] = []
        for path in paths:
            with compiler.inside(path):
                where = None if self._where is None else compiler.compile(self._where)
                compiled.append((path, compiler.compile(self._expression), where))

        def values(frame: Frame) -> list[Any]:
            for path, getter, where in compiled:
                found = [
                    value
                    for inner in each_frame(path, frame)
                    if (where is None or where(inner)) and (value := getter(inner)) is not None
                ]
                if found:
                    return found
            return []

        return values
