"""Checks a YAML document against a pydantic model and says, file and line, what to write instead."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from sluice_shared.config.problems import ConfigError, Problem
from sluice_shared.config.yaml import Document
from sluice_shared.explain import explain

M = TypeVar("M")


def parse(document: Document, model: type[M]) -> M:
    """Return the document as the model; raises :class:`ConfigError` with every mistake there is.

    An empty document counts as an empty mapping.
    """
    value = {} if document.value is None else document.value
    try:
        return TypeAdapter(model).validate_python(value)
    except ValidationError as error:
        problems = {_problem(document, value, model, line) for line in error.errors(include_url=False)}
        raise ConfigError(list(problems)) from error


def _problem(document: Document, value: Any, model: type[Any], line: ErrorDetails) -> Problem:
    path, missing = _locate(value, line["loc"])
    whole = not missing and (line["type"] == "extra_forbidden" or isinstance(line["input"], Mapping | list | BaseModel))
    known = list(_names(_types_at(model, path[:-1]))) if line["type"] == "extra_forbidden" else []
    explanation = explain(line, known=known)
    hint = explanation.hint
    if line["type"] == "string_type" and path in document.texts:
        hint = f'put quotes round it: "{document.texts[path]}"'
    shown = path[:-1] if line["type"] == "extra_forbidden" else path
    found = document.problem(path, explanation.message, hint, key=whole)
    named = document.problem(shown, explanation.message, hint)
    return Problem(found.file, found.line, found.column, named.path, found.message, found.hint)


def _locate(value: Any, loc: Sequence[str | int]) -> tuple[tuple[str | int, ...], bool]:
    """Follow pydantic's location through the document, leaving out what is not there: names of union members.

    Returns the path and whether the location's last part is missing from the document.
    """
    path: list[str | int] = []
    present = True
    for part in loc:
        present = True
        if part in value if isinstance(value, Mapping) else isinstance(value, list) and part in range(len(value)):
            value = value[part]
            path.append(part)
        else:
            present = False
    return tuple(path), not present


def _types_at(model: Any, path: Sequence[str | int]) -> list[Any]:
    """Return every type that the model allows at this path."""
    types = [model]
    for part in path:
        types = [inner for kind in types for inner in _inside(kind, part)]
    return types


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias, field.validation_alias):
                yield field.annotation
        return
    # Of list[X], dict[str, X], X | Y and Annotated[X, …] alike, the members that are no model are harmless here.
    for member in get_args(kind):
        if _is_container(member) or not _is_container(kind):
            yield from _inside(member, part)
        else:
            yield member


def _is_container(kind: Any) -> bool:
    origin = getattr(kind, "__origin__", None)
    return isinstance(origin, type) and issubclass(origin, list | dict | tuple | set | frozenset | Mapping | Sequence)


def _names(types: Sequence[Any]) -> Iterator[str]:
    for kind in types:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (field.alias or name for name, field in kind.model_fields.items())
        else:
            yield from _names(get_args(kind))
