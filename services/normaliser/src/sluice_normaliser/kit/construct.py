"""Building contract models from values whose types are already certain, without validating them again.

Validation costs about as much as everything else that is done to an observation. The kit coerces every value to its
field's type itself, so building need not check it a second time; the golden tests validate what was built here.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Literal, TypeVar, get_origin

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)

_set = object.__setattr__
_new = object.__new__


@cache
def _defaults(
    cls: type[BaseModel],
) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...], tuple[str, ...]]:
    plain: dict[str, Any] = {}
    factories: list[tuple[str, Callable[[], Any]]] = []
    tags: list[str] = []
    for name, info in cls.model_fields.items():
        if get_origin(info.annotation) is Literal:
            tags.append(name)  # counts as set, so that a union's member can be told from any dump
        factory = info.default_factory
        plain[name] = None if factory is not None or info.is_required() else info.get_default()
        if factory is not None:
            factories.append((name, factory))  # type: ignore[arg-type]
    return plain, tuple(factories), tuple(tags)


@lru_cache(maxsize=4096)
def _names(given: tuple[str, ...]) -> set[str]:
    """Return the names as a set, one for all models that were given the same: a set a model costs 2 KiB each.

    It only tells which fields ``exclude_unset`` would leave out, which nothing here uses.
    """
    return set(given)


def construct(cls: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """Return a ``cls`` of ``values``, which must already have their fields' types; the rest gets its defaults."""
    plain, factories, tags = _defaults(cls)
    state = {**plain, **values}
    for name, factory in factories:
        if state[name] is None:
            state[name] = factory()
    model: ModelT = _new(cls)
    _set(model, "__dict__", state)
    _set(model, "__pydantic_fields_set__", _names((*values, *tags)))
    _set(model, "__pydantic_extra__", None)
    _set(model, "__pydantic_private__", None)
    return model
