"""Building contract models from values whose types are already certain, without validating them again.

Validation costs about as much as everything else that is done to an observation. The kit coerces every value to its
field's type itself, so building need not check it a second time; the golden tests validate what was built here.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)

# The slots themselves: going through setattr takes three times as long, and there are twenty models an observation.
_set_state = BaseModel.__dict__["__dict__"].__set__
_set_given = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_set_private = BaseModel.__dict__["__pydantic_private__"].__set__
_new = object.__new__


@cache
def _defaults(
    cls: type[BaseModel],
) -> tuple[dict[str, Any], tuple[str, ...], tuple[tuple[str, Callable[[], Any]], ...], set[str]]:
    """Return a model's plain defaults, its lists, its other made defaults, and the names of all its fields."""
    plain: dict[str, Any] = {}
    lists: list[str] = []
    factories: list[tuple[str, Callable[[], Any]]] = []
    for name, info in cls.model_fields.items():
        factory = info.default_factory
        plain[name] = None if factory is not None or info.is_required() else info.get_default()
        if factory is list:
            lists.append(name)
        elif factory is not None:
            factories.append((name, factory))  # type: ignore[arg-type]
    return plain, tuple(lists), tuple(factories), set(plain)


def construct(cls: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """Return a ``cls`` of ``values``, which must already have their fields' types; the rest gets its defaults.

    All models of a class share the set of names that they count as given, all of them: a set each costs 2 KiB, and only
    ``exclude_unset``, which nothing here uses, asks for it.
    """
    plain, lists, factories, names = _defaults(cls)
    state = plain.copy()
    state.update(values)
    for name in lists:
        if state[name] is None:
            state[name] = []
    for name, factory in factories:
        if state[name] is None:
            state[name] = factory()
    model: ModelT = _new(cls)
    _set_state(model, state)
    _set_given(model, names)
    _set_extra(model, None)
    _set_private(model, None)
    return model
