"""How each field of a map becomes a closure that gives a value of the field's type, or None."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from sluice_normaliser.kit.coerce import is_empty, string_map, text
from sluice_normaliser.kit.expressions import Compiler, Expr
from sluice_normaliser.kit.fields import coercer
from sluice_normaliser.kit.identifiers import cwes, identifiers
from sluice_normaliser.kit.links import add_references
from sluice_normaliser.kit.path import Frame, Getter
from sluice_normaliser.kit.reading import evidence_of
from sluice_normaliser.kit.severity import Grade, grade
from sluice_normaliser.kit.values import Said
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    Evidence,
    Identifier,
    Kind,
    Observation,
    ObservationStatus,
    Reference,
    Severity,
)


def compile_field(name: str, value: Any, compiler: Compiler) -> Getter:
    """Return the closure of one field; raises MapError or PathSyntaxError."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(value, compiler)
    get = _compile_each(value, compiler) if isinstance(value, (tuple, list)) else compiler.compile(value)
    to_type = coercer(Observation.model_fields[name].annotation, name)

    def typed(frame: Frame) -> Any:
        raw = get(frame)
        return None if raw is None or (found := to_type(raw)) is None or found == [] else found

    return typed


def _compile_each(values: Iterable[Expr], compiler: Compiler) -> Getter:
    getters = [compiler.compile(value) for value in values]

    def gather(frame: Frame) -> list[Any]:
        found: list[Any] = []
        for getter in getters:
            value = getter(frame)
            if value.__class__ is list:
                found += value
            elif value is not None:
                found.append(value)
        return found

    return gather


def _as_tuple(value: Any) -> tuple[Expr, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _severity(value: Any, compiler: Compiler) -> Getter:
    if isinstance(value, Severity):
        return lambda _: Grade(value)
    getters = [compiler.compile(choice) for choice in _as_tuple(value)]

    def place(frame: Frame) -> Grade | None:
        said: Grade | None = None
        for getter in getters:
            found = getter(frame)
            if isinstance(found, Severity):
                return Grade(found)
            graded = found if found.__class__ is Grade else grade(found)
            if graded.severity is not Severity.UNKNOWN:
                return graded
            if said is None and graded.raw is not None:
                said = graded
        return said

    return place


def _kind(value: Any, compiler: Compiler) -> Getter:
    return compiler.compile(value) if isinstance(value, Kind) else _typed(value, compiler, coercer(Kind, "kind"))


def _typed(value: Expr, compiler: Compiler, to_type: Callable[[Any], Any]) -> Getter:
    get = compiler.compile(value)
    return lambda frame: None if (raw := get(frame)) is None else to_type(raw)


def _status(value: Any, compiler: Compiler) -> Getter:
    to_type = coercer(ObservationStatus, "status")
    get = compiler.compile(value)

    def find(frame: Frame) -> Any:
        found = get(frame)
        return found if found is None or found.__class__ is Said else to_type(found)

    return find


def _confidence(value: Any, compiler: Compiler) -> Getter:
    get = compiler.compile(value)
    return lambda frame: None if is_empty(found := get(frame)) else found


def _listed(value: Any, compiler: Compiler, cls: type[BaseModel], read: Callable[[Any], list[Any]]) -> Getter:
    gather = _compile_each(_as_tuple(value), compiler)

    def build(frame: Frame) -> list[Any] | None:
        found: list[Any] = []
        for item in gather(frame):
            for each in item if item.__class__ is list else (item,):
                if each.__class__ is cls:
                    found.append(each)
                else:
                    found += read(each)
        return found or None

    return build


def _identifiers(value: Any, compiler: Compiler) -> Getter:
    return _listed(value, compiler, Identifier, identifiers)


def _references(value: Any, compiler: Compiler) -> Getter:
    gather = _compile_each(_as_tuple(value), compiler)

    def distinct(frame: Frame) -> list[Reference] | None:
        found: dict[str, Reference] = {}
        add_references(gather(frame), found)
        return list(found.values()) or None

    return distinct


def _cwes(value: Any, compiler: Compiler) -> Getter:
    gather = _compile_each(_as_tuple(value), compiler)
    return lambda frame: cwes(gather(frame)) or None


def _evidence(value: Any, compiler: Compiler) -> Getter:
    if not isinstance(value, Mapping):
        return _listed(value, compiler, Evidence, lambda item: [evidence_of("output", item)] if text(item) else [])
    parts = [(kind, compiler.compile(expression)) for kind, expression in value.items()]

    def build(frame: Frame) -> list[Evidence] | None:
        found = [(kind, getter(frame)) for kind, getter in parts]
        return [evidence_of(kind, words) for kind, words in found if text(words)] or None

    return build


def _fingerprints(value: Any, compiler: Compiler) -> Getter:
    if not isinstance(value, Mapping):
        return _typed(value, compiler, lambda raw: string_map(raw) or None)
    parts = [(name, compiler.compile(expression)) for name, expression in value.items()]

    def build(frame: Frame) -> dict[str, str] | None:
        found = {name: words.strip() for name, getter in parts if (words := text(getter(frame)))}
        return found or None

    return build


def _code_flows(value: Any, compiler: Compiler) -> Getter:
    gather = _compile_each(_as_tuple(value), compiler)

    def build(frame: Frame) -> list[list[CodeFlowStep]] | None:
        found = gather(frame)
        steps = [item for item in found if item.__class__ is CodeFlowStep]
        flows = [flow for item in found if item.__class__ is list and (flow := [each for each in item if each])]
        return ([steps] if steps else []) + flows or None

    return build


_SPECIAL: Mapping[str, Callable[[Any, Compiler], Getter]] = {
    "kind": _kind,
    "severity": _severity,
    "status": _status,
    "confidence": _confidence,
    "identifiers": _identifiers,
    "cwes": _cwes,
    "references": _references,
    "evidence": _evidence,
    "fingerprints": _fingerprints,
    "code_flows": _code_flows,
    "secret": lambda value, compiler: compiler.compile(value),
}
