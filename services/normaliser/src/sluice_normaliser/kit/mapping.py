"""Declarative maps: which part of a record becomes which field of an observation. Compiled once, at start-up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sluice_normaliser.kit.expressions import Compiler, Expr
from sluice_normaliser.kit.mapfields import compile_field
from sluice_normaliser.kit.path import Frame, Getter, each_frame, parse_path, split_alternatives
from sluice_normaliser.kit.reading import Reading
from sluice_normaliser.kit.unmapped import leftover
from sluice_shared.contracts.finding import (
    Confidence,
    Kind,
    Observation,
    ObservationStatus,
    Severity,
)

Exprs = Expr | tuple[Expr, ...] | list[Expr]
Then = Callable[[Observation, Any, Reading], Observation | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """One kind of record, and what it says.

    ``each`` is the path of the records; every ``[]`` and ``*`` in it is a level that ``^`` goes up. ``where`` keeps
    only records for which it gives anything but False (what is left out must be no result at all). The other fields are
    those of :class:`Observation`; a bare text is a path. ``then(observation, record, reading)`` may finish what no
    expression can say. What no field used stays under ``unmapped``; ``ignore`` names paths that say nothing.
    """

    kind: Kind | Expr
    each: str = "."
    where: Expr | None = None
    then: Then | None = None
    ignore: tuple[str, ...] = ()
    rule_id: Expr | None = None
    rule_name: Expr | None = None
    title: Expr | None = None
    description: Expr | None = None
    message: Expr | None = None
    severity: Exprs | Severity | None = None
    confidence: Expr | Confidence | None = None
    precision: Expr | None = None
    status: Expr | ObservationStatus | None = None
    identifiers: Exprs | None = None
    cwes: Exprs | None = None
    location: Expr | None = None
    related_locations: Exprs | None = None
    code_flows: Exprs | None = None
    ratings: Exprs | None = None
    fix: Expr | None = None
    references: Exprs | None = None
    evidence: Mapping[str, Expr] | Exprs | None = None
    secret: Expr | None = None
    licence: Expr | None = None
    compliance: Exprs | None = None
    suppressions: Exprs | None = None
    vex: Expr | None = None
    exploit_maturity: Expr | None = None
    fingerprints: Mapping[str, Expr] | Expr | None = None
    baseline_state: Expr | None = None
    rank: Expr | None = None
    occurrence_count: Expr | None = None
    asset: Expr | None = None
    tags: Exprs | None = None
    first_detected_at: Expr | None = None
    last_detected_at: Expr | None = None
    published_at: Expr | None = None

    def compile(self) -> "CompiledMap":
        """Return the map as closures; raise MapError or PathSyntaxError when it is written wrongly."""
        return CompiledMap(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several maps over the records below one: ``Group(each="Results[]", maps=(vulnerabilities, secrets))``.

    Observations come in the order of the outer records. The maps' paths are relative to the outer record, which is
    ``^`` for them.
    """

    each: str
    maps: "tuple[Map | Group, ...]"
    where: Expr | None = None

    def compile(self) -> "CompiledGroup":
        """Return the group as closures."""
        return CompiledGroup(self)


Run = Callable[[Frame, Reading], Iterator[Observation]]


class CompiledGroup:
    """A group as closures."""

    def __init__(self, group: Group) -> None:
        self._paths = [parse_path(path) for path in split_alternatives(group.each)]
        self._where = None if group.where is None else Compiler().compile(group.where)
        self._maps = [inner.compile() for inner in group.maps]
        self.names: frozenset[str] = frozenset().union(*(inner.names for inner in self._maps))

    def run(self, frame: Frame, reading: Reading) -> Iterator[Observation]:
        """Yield the observations of a frame."""
        for path in self._paths:
            for outer in each_frame(path, frame):
                if self._where is not None and not self._where(outer):
                    continue
                for inner in self._maps:
                    yield from inner.run(outer, reading)


_NEVER_SHARED = frozenset({"location", "evidence", "secret"})
"""What is finished for each observation in place."""


def _values(parts: list[tuple[str, Getter]], frame: Frame) -> dict[str, Any]:
    return {name: value for name, getter in parts if (value := getter(frame)) is not None}


_OWN = frozenset({"each", "where", "then", "ignore"})


class CompiledMap:
    """A map as closures.

    What looks only at records further up is worked out once and shared by the observations below: no list and no part
    of an observation is ever changed in place, it is replaced.
    """

    def __init__(self, source: Map) -> None:
        compiler = Compiler()
        self._paths = [parse_path(path) for path in split_alternatives(source.each)]
        self._where = None if source.where is None else compiler.compile(source.where)
        self._then = source.then
        self._parts: list[tuple[str, Getter]] = []
        self._outer: list[tuple[str, Getter]] = []
        for each in fields(source):
            value = getattr(source, each.name)
            if each.name in _OWN or value is None:
                continue
            compiler.nearest = None
            getter = compile_field(each.name, value, compiler)
            is_outer = bool(compiler.nearest) and each.name not in _NEVER_SHARED
            (self._outer if is_outer else self._parts).append((each.name, getter))
        for path in source.ignore:
            compiler.note(parse_path(path))
        self.names = frozenset(compiler.used)
        self._rest = leftover(compiler.used)

    def run(self, frame: Frame, reading: Reading) -> Iterator[Observation]:
        """Yield the observation of each record that the map finds in a frame."""
        where, then = self._where, self._then
        above: Any = None
        shared: dict[str, Any] = {}
        for path in self._paths:
            for record in each_frame(path, frame):
                if where is not None and not where(record):
                    continue
                if self._outer and (record[-3] is not above or above.__class__ is not dict):
                    above, shared = record[-3], _values(self._outer, record)
                observation = self._observe(record, shared, reading)
                if then is None:
                    yield observation
                elif (finished := then(observation, record[-1], reading)) is not None:
                    yield finished

    def _observe(self, frame: Frame, shared: dict[str, Any], reading: Reading) -> Observation:
        values = {**shared, **_values(self._parts, frame)}
        rest = self._rest(frame)
        if rest:
            values["unmapped"] = rest
        values.setdefault("kind", Kind.OTHER)
        return reading.finish(values)
