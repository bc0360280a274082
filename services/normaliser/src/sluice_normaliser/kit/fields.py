"""From a contract's field to what turns any value into its type."""

import types
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from sluice_normaliser.kit import coerce
from sluice_normaliser.kit.construct import ModelT, construct
from sluice_normaliser.kit.times import parse_time

Coercer = Callable[[Any], Any]

_KEEPS_BLANKS = frozenset({"snippet", "text", "patch"})
_LINES = frozenset({"start_line", "end_line", "start_column", "end_column", "line"})


def stripped(value: Any) -> str | None:
    """Return any value as text without the blanks round it, or None."""
    if value.__class__ is str:
        return value.strip() or None
    words = coerce.text(value)
    return words.strip() if words else None


def _positive(value: Any) -> int | None:
    found = coerce.integer(value)
    return found if found and found > 0 else None


def _enumerated(cls: type[Enum]) -> Coercer:
    by_value = {str(member.value): member for member in cls}

    def find(value: Any) -> Enum | None:
        return value if isinstance(value, cls) else by_value.get((coerce.text(value) or "").strip().lower())

    return find


_PLAIN: Mapping[Any, Coercer] = {
    str: stripped,
    int: coerce.integer,
    float: coerce.number,
    bool: coerce.boolean,
    datetime: parse_time,
}


def coercer(annotation: Any, name: str) -> Coercer:
    """Return what turns any value into the type of a contract's field."""
    if name in _KEEPS_BLANKS or name in _LINES:
        return coerce.text if name in _KEEPS_BLANKS else _positive
    origin = get_origin(annotation)
    if origin is Annotated:
        return coercer(get_args(annotation)[0], name)
    if origin in {Union, types.UnionType}:
        members = [member for member in get_args(annotation) if member is not type(None)]
        return coercer(members[0], name) if len(members) == 1 else _model
    return _PLAIN[annotation] if annotation in _PLAIN else _structured(annotation, origin)


def _model(value: Any) -> BaseModel | None:
    return value if isinstance(value, BaseModel) else None


def _structured(annotation: Any, origin: Any) -> Coercer:
    if origin is list:
        return coerce.strings if get_args(annotation) == (str,) else _as_list
    if origin is dict:
        return coerce.string_map if get_args(annotation)[1] is str else lambda value: value
    return _enumerated(annotation) if isinstance(annotation, type) and issubclass(annotation, Enum) else _model


@cache
def _coercers(cls: type[BaseModel]) -> tuple[dict[str, Coercer], tuple[str, ...]]:
    infos = cls.model_fields
    required = tuple(name for name, info in infos.items() if info.is_required())
    return {name: coercer(info.annotation, name) for name, info in infos.items()}, required


def model(cls: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """Return a contract model of values of any type, each turned into its field's type or left out.

    For functions of a scanner, which cannot know what a report holds. Raises ValueError when a field that must be there
    is not, or one is named that the model does not have.
    """
    coercers, required = _coercers(cls)
    typed: dict[str, Any] = {}
    for name, raw in values.items():
        if name not in coercers:
            raise ValueError(f"{cls.__name__} has no field {name}")
        value = None if raw is None else coercers[name](raw)
        if value is not None:
            typed[name] = value
    for name in required:
        if name not in typed:
            raise ValueError(f"a {cls.__name__} without {name}")
    return construct(cls, typed)


def _as_list(value: Any) -> list[Any]:
    found = value if isinstance(value, list) else [value]
    flat = [item for each in found for item in (each if isinstance(each, list) else [each])]
    return [item for item in flat if isinstance(item, BaseModel)]
