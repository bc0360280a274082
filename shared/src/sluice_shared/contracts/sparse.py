"""Models of which most fields are mostly not said, and of which a report makes hundreds of thousands."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, Self

import orjson
from pydantic import BaseModel, SerializerFunctionWrapHandler, model_serializer

from sluice_shared.contracts.base import Contract

# The slots themselves: going through setattr takes three times as long, and there are twenty models an observation.
_set_state = BaseModel.__dict__["__dict__"].__set__
_set_given = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_set_private = BaseModel.__dict__["__pydantic_private__"].__set__
_new = object.__new__


class Sparse(Contract):
    """A model whose instances may hold only what was said; whatever else is asked for is its field's default.

    Built by validation it is like any other model. Built by :meth:`of` it takes a third of the memory and of the time:
    the defaults stand on the class, and a default list is made when it is first looked at. Both are equal when they say
    the same, and are written alike.
    """

    _fields: ClassVar[tuple[tuple[str, Any], ...]] = ()
    _names: ClassVar[set[str]] = set()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Put the defaults of the fields on the class, where Python looks when an instance does not have them."""
        super().__pydantic_init_subclass__(**kwargs)
        defaults: dict[str, Any] = {}
        for name, info in cls.model_fields.items():
            if info.default_factory is None:
                defaults[name] = None if info.is_required() else info.default
                setattr(cls, name, defaults[name])
            else:
                defaults[name] = info.get_default(call_default_factory=True, validated_data={})
                setattr(cls, name, _Made(name, type(defaults[name])))
        cls._fields = tuple(defaults.items())
        cls._names = set(defaults)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return an instance that holds ``values``, which must have their fields' types already: nothing is checked.

        The dictionary becomes the instance's own. All instances share the set of names that they count as given, all of
        them: a set each would cost more than the values, and only ``exclude_unset``, which nothing uses, asks for it.
        """
        model = _new(cls)
        _set_state(model, values)
        _set_given(model, cls._names)
        _set_extra(model, None)
        _set_private(model, None)
        return model

    def said(self) -> dict[str, Any]:
        """Return what differs from the defaults, in the order of the fields; models within it stay models."""
        state = self.__dict__
        return {
            name: state[name]
            for name, default in self._fields
            if name in state and (value := state[name]) is not default and value != default
        }

    def __eq__(self, other: object) -> bool:
        """Tell whether both say the same."""
        if not isinstance(other, Sparse):
            return NotImplemented
        return self.__class__ is other.__class__ and self.said() == other.said()

    __hash__ = None  # type: ignore[assignment]

    def fill(self) -> None:
        """Have the instance hold the defaults, too."""
        state = self.__dict__
        if len(state) < len(self._fields):
            _set_state(self, {name: getattr(self, name) for name, _ in self._fields})

    @model_serializer(mode="wrap")
    def _whole(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        self.fill()
        written: dict[str, Any] = handler(self)
        return written


class _Made:
    """A default that is made for each instance, when it is first looked at (no data descriptor: a value goes first)."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self._name = name
        self._make = make

    def __get__(self, instance: Sparse | None, owner: type[Sparse]) -> Any:
        if instance is None:
            raise AttributeError(self._name)
        value = instance.__dict__[self._name] = self._make()
        return value


def to_json(model: Sparse, *, without: Collection[str] = ()) -> bytes:
    """Return what a model says as JSON, without defaults and without the fields named: as ``model_dump_json`` does it.

    It takes a quarter of the time, for it looks only at what was said.
    """
    said = model.said()
    for name in without:
        said.pop(name, None)
    try:
        # a copy, for what orjson returns keeps its buffer: that is 4 KiB or more, however short the text
        return bytes(memoryview(orjson.dumps(said, default=_part, option=orjson.OPT_UTC_Z)))
    except orjson.JSONEncodeError:  # an integer beyond 64 bits; half a surrogate pair, about which this one is clearer
        return model.model_dump_json(exclude_defaults=True, exclude=set(without)).encode()


def _part(value: Any) -> dict[str, Any]:
    if isinstance(value, Sparse):
        return value.said()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
