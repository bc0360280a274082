"""Reads YAML and remembers where each value stood.

The types are those of YAML 1.2's core schema: `on`, `no` and `22:00` are text, as everybody expects, and so are dates.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sluice_shared.config.problems import ConfigError, Problem, show_path

Keys = tuple[str | int, ...]
_MAX_BYTES = 32 * 1024 * 1024
_MAX_NODES = 500_000
_MAX_DEPTH = 100
_WIDTH = 120
_TAG = "tag:yaml.org,2002:"
_CORE_SCHEMA: tuple[tuple[str, str, str], ...] = (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        "-+0123456789.",
    ),
    ("merge", r"^(?:<<)$", "<"),
)


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Only composes; the values are made here, where positions and duplicates can be seen."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way of telling it


class _Dumper(yaml.SafeDumper):
    """Puts quotes round texts that YAML 1.1 or 1.2 would take for something else."""


for _name, _pattern, _first in _CORE_SCHEMA:
    for _side in (_Loader, _Dumper):
        _side.add_implicit_resolver(_TAG + _name, re.compile(_pattern), ["" if c == "\0" else c for c in _first])


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """A YAML document as plain values, with the place of each."""

    file: Path
    value: Any = None
    values: dict[Keys, Mark] = field(default_factory=dict)
    keys: dict[Keys, Mark] = field(default_factory=dict)
    texts: dict[Keys, str] = field(default_factory=dict)

    def mark(self, path: Sequence[str | int] = (), *, key: bool = False) -> Mark:
        """Return where a value stands (or its key), or the nearest thing around it that is written."""
        keys = tuple(path)
        if key and keys in self.keys:
            return self.keys[keys]
        while keys not in self.values and keys:
            keys = keys[:-1]
        return self.values.get(keys, Mark(1, 1))

    def problem(self, path: Sequence[str | int], message: str, hint: str = "", *, key: bool = False) -> Problem:
        """Make a problem of what stands at this path, for checks that no schema can express."""
        mark = self.mark(path, key=key)
        return Problem(self.file, mark.line, mark.column, show_path(path), message, hint)


def load_yaml(path: Path) -> Document:
    """Read one YAML document; raises :class:`ConfigError` when it cannot be read, or a key is there twice."""
    return parse_yaml(_read(path), path)


def parse_yaml(text: str, path: Path) -> Document:
    """Parse the text of one YAML document; `path` is what errors will name."""
    document = Document(path)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_syntax_problem(path, text, error)]) from error
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        code: Any = error.character  # text from PyYAML's own reader, a number from libyaml's
        code = ord(code) if isinstance(code, str) else code
        what = f"not valid YAML: the character U+{code:04X} is not allowed"
        raise ConfigError([Problem(path, line, 1, "", what, "remove the character")]) from error
    except RecursionError as error:
        raise ConfigError([Problem(path, 1, 1, "", "nested too deeply", "flatten it")]) from error
    if node is not None:
        builder = _Builder(document)
        document.value = builder.build(node, ())
        if builder.problems:
            raise ConfigError(builder.problems)
    return document


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError([Problem(path, 1, 1, "", f"larger than {_MAX_BYTES >> 20} MiB", "split it")])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise ConfigError([Problem(path, 1, 1, "", why, "check its name and its permissions")]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(path, line, 1, "", "not UTF-8 text", "save it as UTF-8")]) from error


def _syntax_problem(path: Path, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    what = error.problem or error.context or "it cannot be read"
    hint = "look at the indentation, the colons and the quotes here and in the line before"
    if "\t" in "".join(text.splitlines()[line - 1 : line])[:column]:
        hint = "indent with spaces, not with tabs"
    elif "another document" in what or "single document" in str(error.context):
        what, hint = "a second document begins here", "write one document a file"
    elif "undefined alias" in what:
        hint = "define it with & before it is used, or put quotes round the text"
    elif "mapping values are not allowed" in what:
        hint = "put quotes round text that holds ': ', or indent the line differently"
    return Problem(path, line, column, "", f"not valid YAML: {what}", hint)


class _Builder:
    """Turns nodes into values, noting places; collects problems instead of stopping at the first."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._count = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: Keys) -> Any:
        """Return the value of a node."""
        self._count += 1
        if self._count > _MAX_NODES or len(path) > _MAX_DEPTH:
            what = "too large or nested too deeply once aliases are expanded"
            raise ConfigError([self._document.problem(path[:1], what, "write less, or split the file", key=True)])
        self._document.values[path] = _mark(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            raise ConfigError([self._problem(node, path, "contains itself through an alias")])
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node, path: Keys) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        inherited: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                inherited.append(value_node)
                continue
            key = self._key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in values:
                first = self._document.keys[here]
                self.problems.append(
                    self._problem(
                        key_node, here, f"'{key}' is already in line {first.line}", "keep one of the two", key=True
                    )
                )
                continue
            self._document.keys[here] = _mark(key_node)
            values[key] = self.build(value_node, here)
        for value_node in inherited:
            self._merge(value_node, path, values)
        return values

    def _merge(self, node: yaml.Node, path: Keys, values: dict[Any, Any]) -> None:
        """Take over what `<<` names, unless the mapping says it itself (YAML's merge key)."""
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(source, yaml.MappingNode):
                self.problems.append(self._problem(source, path, "'<<' takes a mapping", "write <<: *name"))
                continue
            own = {here: mark for here, mark in self._document.values.items() if here[: len(path)] == path}
            merged = self._mapping(source, path)
            self._document.values.update(own)
            for key, value in merged.items():
                values.setdefault(key, value)

    def _key(self, node: yaml.Node, path: Keys) -> Any:
        value = self._scalar(node, None) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(value, Hashable) and isinstance(value, str | int) and not isinstance(value, bool):
            return value
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.problems.append(self._problem(node, path, "a key has to be text", "put quotes round it"))
        return None

    def _scalar(self, node: yaml.Node, path: Keys | None) -> Any:
        text, kind = str(node.value), node.tag.removeprefix(_TAG)
        if path is not None:
            self._document.texts[path] = text
        if kind in ("str", "merge"):
            return text
        if kind in _READERS:
            return _READERS[kind](text)
        self.problems.append(
            self._problem(
                node, path or (), f"the tag {node.tag} is not known", "remove it, or put quotes round the text"
            )
        )
        return None

    def _problem(self, node: yaml.Node, path: Keys, message: str, hint: str = "", *, key: bool = False) -> Problem:
        mark = _mark(node)
        shown = path[:-1] if key else path
        return Problem(self._document.file, mark.line, mark.column, show_path(shown), message, hint)


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _read_int(text: str) -> int:
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _read_float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_READERS: Mapping[str, Any] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": _read_int,
    "float": _read_float,
}


def write_yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a file with these documents, in the order of their fields; empty for none."""
    if not documents:
        return ""
    plain = [dict(document) for document in documents]
    several = len(plain) > 1
    text: str = yaml.dump_all(
        plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, explicit_start=several
    )
    return text
