"""The path language of declarative maps: ``Results[].Vulnerabilities[].PkgName``, compiled to closures.

A *frame* is where a map stands: ``(key, record)`` for the document, then for each record on the way down to the
present one. Paths are relative to the present record:

==================  =================================================================================
``a.b``             the entry ``b`` of the entry ``a``
``a[].b``           ``b`` of each item of the list ``a`` (a single value is a list of one) → a list
``a.*.b``           ``b`` of each value of the object ``a`` → a list
``a[0]``, ``a[-1]``  one item of a list
``"a.b".c``         quotes keep dots, brackets and bars in a name; blanks need no quotes
``.``               the record itself
``#key``            the key (of ``*``) or the position (of ``[]``) under which the record stands
``^.a``, ``^^.a``   ``a`` of the record above, two above; ``^#key`` its key
``$.a``             ``a`` of the document
``a | b``           the first of them that is not empty
==================  =================================================================================

On a list where no ``[]`` says so, ``.b`` looks at the first item. XML attributes are ``@name``, its text ``#text``.
"""

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit.coerce import is_empty

Frame = tuple[Any, ...]
Getter = Callable[[Frame], Any]

ALL, VALUES = "[]", "*"
KEY = "#key"

_TOKEN = re.compile(
    r"""(?P<dot>\.)|(?P<all>\[\])|\[(?P<index>-?\d+)\]|"(?P<quoted>[^"]*)"|(?P<values>\*)|(?P<name>[^.\[\]"*|]+)"""
)
_UP = re.compile(r"^(\^+)(?:\.|(?=#)|$)")


class PathSyntaxError(ValueError):
    """A path in a map is not well-formed; raised at start-up."""


class Step(NamedTuple):
    """One step: ``kind`` is ``key``, ``index``, ``all`` or ``values``."""

    kind: str
    value: Any = None


class Path(NamedTuple):
    """A parsed path: how many records up (-1 for the document), then the steps."""

    up: int
    steps: tuple[Step, ...]

    @property
    def is_many(self) -> bool:
        """True when the path gives a list of values."""
        return any(step.kind in {"all", "values"} for step in self.steps)


def split_alternatives(source: str) -> list[str]:
    """Split ``a | b`` at its bars, except those in quotes."""
    parts = re.split(r'\|(?=(?:[^"]*"[^"]*")*[^"]*$)', source)
    return [part.strip() for part in parts]


@functools.lru_cache(maxsize=1 << 14)
def parse_path(source: str) -> Path:
    """Parse one path without alternatives; raise PathSyntaxError."""
    words = source.strip()
    if not words:
        raise PathSyntaxError("an empty path; the record itself is written '.'")
    up = 0
    if words == "$" or words.startswith("$."):
        up, words = -1, words[2:]
    elif match := _UP.match(words):
        up, words = len(match.group(1)), words[match.end() :]
    if words in {"", "."}:
        return Path(up, ())
    return Path(up, tuple(_steps(words, source)))


def _steps(words: str, source: str) -> Iterator[Step]:
    position, after_name = 0, False
    while position < len(words):
        match = _TOKEN.match(words, position)
        if match is None:
            raise PathSyntaxError(f"cannot read {words[position:]!r} in the path {source!r}")
        position = match.end()
        kind = match.lastgroup
        if kind == "dot":
            if not after_name or position == len(words):
                raise PathSyntaxError(f"a dot that joins nothing in the path {source!r}")
            after_name = False
            continue
        if kind in {"name", "quoted", "values"} and after_name:
            raise PathSyntaxError(f"a dot is missing before {match.group()!r} in the path {source!r}")
        after_name = True
        if kind == "all":
            yield Step("all")
        elif kind == "index":
            yield Step("index", int(match.group("index")))
        elif kind == "values":
            yield Step("values")
        else:
            yield Step("key", match.group("quoted") if kind == "quoted" else match.group("name").strip())


def descend(value: Any, key: str) -> Any:
    """Return the entry ``key`` of an object, of a list's first item, or the text itself for ``#text``."""
    if value.__class__ is dict:
        return value.get(key)
    if value.__class__ is list:
        return descend(value[0], key) if value else None
    return value if key == "#text" and value.__class__ is str else None


def item_at(value: Any, index: int) -> Any:
    """Return one item of a list (a single value is a list of one), or None."""
    if value.__class__ is not list:
        return value if index in {0, -1} else None
    return value[index] if -len(value) <= index < len(value) else None


def items_of(value: Any) -> list[Any]:
    """Return a list's items; a single value is a list of one, nothing is an empty one."""
    if value.__class__ is list:
        return value
    return [] if value is None or value == "" else [value]


def walk(value: Any, steps: tuple[Step, ...]) -> Any:
    """Follow the steps from a value; a list when one of them is ``[]`` or ``*``."""
    for number, (kind, argument) in enumerate(steps):
        if kind == "key":
            value = value.get(argument) if value.__class__ is dict else descend(value, argument)
        elif kind == "index":
            value = item_at(value, argument)
        else:
            return _walk_many([value], steps[number:])
        if value is None:
            for step in steps[number:]:
                if step.kind == "all" or step.kind == "values":  # noqa: PLR1714 - a set costs more
                    return []
            return None
    return value


def _walk_many(current: list[Any], steps: tuple[Step, ...]) -> list[Any]:
    for kind, argument in steps:
        if kind == "key":
            current = [found for each in current if (found := descend(each, argument)) is not None]
        elif kind == "all":
            current = items_of(current[0]) if len(current) == 1 else [i for each in current for i in items_of(each)]
        elif kind == "values":
            current = [item for each in current if each.__class__ is dict for item in each.values()]
        else:
            current = [found for each in current if (found := item_at(each, argument)) is not None]
    return current


def compile_path(path: Path) -> Getter:
    """Return the fastest closure for a path."""
    place = 1 if path.up < 0 else -1 - 2 * path.up
    steps = path.steps
    if not steps:
        return lambda frame: frame[place]
    if steps[0] == ("key", KEY):
        return lambda frame: frame[place - 1]
    keys = [step.value for step in steps if step.kind == "key"]
    if len(keys) != len(steps):
        return _mixed(place, path, keys)
    if len(keys) == 1:
        return _one_key(place, keys[0])
    return _two_keys(place, keys[0], keys[1]) if len(keys) == 2 else _keys(place, tuple(keys))  # noqa: PLR2004


def _mixed(place: int, path: Path, keys: list[str]) -> Getter:
    """Return the closure of a path that is not of keys alone."""
    steps = path.steps
    many = [number for number, step in enumerate(steps) if step.kind != "key"]
    if len(many) == 1 and steps[many[0]].kind == "all":
        return _all(place, tuple(keys[: many[0]]), tuple(keys[many[0] :]))
    if not path.is_many:
        return _one_by_one(place, steps)
    return lambda frame: walk(frame[place], steps)


def _one_key(place: int, key: str) -> Getter:
    def get(frame: Frame) -> Any:
        record = frame[place]
        return record.get(key) if record.__class__ is dict else descend(record, key)

    return get


def _two_keys(place: int, first: str, second: str) -> Getter:
    def get(frame: Frame) -> Any:
        outer = descend(frame[place], first)
        return outer.get(second) if outer.__class__ is dict else descend(outer, second)

    return get


def _keys(place: int, keys: tuple[str, ...]) -> Getter:
    def get(frame: Frame) -> Any:
        value = frame[place]
        for key in keys:
            value = value.get(key) if value.__class__ is dict else descend(value, key)
            if value is None:
                return None
        return value

    return get


def _one_by_one(place: int, steps: tuple[Step, ...]) -> Getter:
    def get(frame: Frame) -> Any:
        value = frame[place]
        for kind, argument in steps:
            value = descend(value, argument) if kind == "key" else item_at(value, argument)
            if value is None:
                return None
        return value

    return get


def _all(place: int, before: tuple[str, ...], after: tuple[str, ...]) -> Getter:
    """Return the closure for ``a.b[].c``, the usual list."""
    outer = _keys(place, before)

    def get(frame: Frame) -> list[Any]:
        found = items_of(outer(frame))
        for key in after:
            found = [
                inner
                for each in found
                if (inner := each.get(key) if each.__class__ is dict else descend(each, key)) is not None
            ]
        return found

    return get


def first_of(getters: list[Getter]) -> Getter:
    """Return a closure that gives the first value that is not empty."""
    if len(getters) == 1:
        return getters[0]

    def get(frame: Frame) -> Any:
        for getter in getters:
            value = getter(frame)
            if not is_empty(value):
                return value
        return None

    return get


def each_frame(path: Path, frame: Frame) -> Iterator[Frame]:
    """Yield a frame for each record at a path; each ``[]`` and ``*`` on the way is a level that ``^`` goes up."""
    place = 1 if path.up < 0 else -1 - 2 * path.up
    base = frame if path.up == 0 else frame[:2] if path.up < 0 else frame[: len(frame) - 2 * path.up]
    return _each(frame[place], path.steps, base)


def _each(value: Any, steps: tuple[Step, ...], frame: Frame) -> Iterator[Frame]:
    for number, (kind, argument) in enumerate(steps):
        if kind == "key":
            value = descend(value, argument)
        elif kind == "index":
            value = item_at(value, argument)
        else:
            pairs: Any
            if kind == "values":  # a null under a name says something: {"abandoned": {"acme/old": null}}
                pairs = value.items() if value.__class__ is dict else ()
            else:
                pairs = (pair for pair in enumerate(items_of(value)) if pair[1] is not None)
            rest = steps[number + 1 :]
            if not rest:
                for key, item in pairs:
                    yield (*frame, key, item)
                return
            for key, item in pairs:
                yield from _each(item, rest, (*frame, key, item))
            return
    if value is not None:
        yield frame if not steps else (*frame, None, value)
