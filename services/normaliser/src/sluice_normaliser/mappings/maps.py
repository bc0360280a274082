"""From the maps of a mapping file to the kit's maps: which field takes what."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sluice_normaliser.kit import Group, Map, ScanMap
from sluice_normaliser.kit.expressions import Expr
from sluice_normaliser.mappings.expressions import NOTHING, OPERATORS, Expressions
from sluice_normaliser.mappings.problems import At, Problems
from sluice_shared.contracts.finding import Kind

_MAP_FIELDS = tuple(each.name for each in fields(Map) if each.name != "then")
_GROUP_FIELDS = ("each", "where", "maps")
_SCAN_FIELDS = tuple(each.name for each in fields(ScanMap) if not each.name.startswith("_"))

_BLOCK_OF = {
    "fix": "fix",
    "secret": "secret",
    "licence": "licence",
    "vex": "vex",
    "ratings": "rating",
    "compliance": "compliance",
    "suppressions": "suppression",
    "references": "reference",
}
"""Fields whose value may be the bare fields of one block."""

_BY_NAME = frozenset({"evidence", "fingerprints"})
"""Fields whose value may be an object of expressions by name."""

_WHOLE = frozenset({"jmespath", "path", "each", "first", "when", "lookup"})
"""Operators that may stand in place of an object of expressions by name; its other names are free."""

_NO_FIELDS = frozenset(OPERATORS) - {"url"}
"""Operators that are no field of such a block."""

_SEVERAL = frozenset(
    {
        *("severity", "identifiers", "cwes", "related_locations", "code_flows", "ratings", "references", "evidence"),
        *("compliance", "suppressions", "tags"),
    }
)
"""Fields that take a list of expressions."""


class Maps:
    """Reads the maps of one document; mistakes are noted in ``problems``."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._expressions = Expressions(problems)

    def read(self, given: Mapping[str, Any], at: At) -> Map | Group:
        """Return a map, or a group of maps when it has ``maps``."""
        return self._group(given, at) if "maps" in given else self._map(given, at)

    def scan(self, given: Mapping[str, Any], at: At) -> ScanMap | None:
        """Return what a report says about its scan, or None when nothing is written about that."""
        if not given:
            return None
        return ScanMap(**self._known(given, at, _SCAN_FIELDS))

    def _known(self, given: Mapping[str, Any], at: At, known: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in given.items():
            if name in known:
                found[name] = self._expressions.read(value, (*at, name))
            else:
                self._problems.unknown((*at, name), known)
        return found

    def _group(self, given: Mapping[str, Any], at: At) -> Group:
        for name in given:
            if name not in _GROUP_FIELDS:
                self._problems.unknown((*at, name), _GROUP_FIELDS)
        inner = given["maps"] if isinstance(given["maps"], list) else []
        if not inner:
            self._problems.add((*at, "maps"), "a list of maps belongs here")
        if "each" not in given:
            self._problems.add(at, "a group of maps needs `each`", "write the path of the records it stands over")
        maps: list[Map | Group] = []
        for number, one in enumerate(inner):
            if isinstance(one, Mapping):
                maps.append(self.read(one, (*at, "maps", number)))
            else:
                self._problems.add((*at, "maps", number), "a map belongs here", "write its fields below it")
        where = self._expressions.read(given["where"], (*at, "where")) if "where" in given else None
        return Group(each=self._expressions.path(given.get("each", "."), (*at, "each")), maps=tuple(maps), where=where)

    def _map(self, given: Mapping[str, Any], at: At) -> Map:
        found: dict[str, Any] = {}
        for name, value in given.items():
            if name not in _MAP_FIELDS:
                self._problems.unknown((*at, name), _MAP_FIELDS)
            elif value is not None:
                found[name] = self._field(name, value, (*at, name))
        if "kind" not in found:
            self._problems.add(at, "a map needs `kind`", f"write kind: with one of {', '.join(Kind)}")
        made = Map(**{"kind": Kind.OTHER, **found})
        if not self._problems.found:
            with self._problems.at(at):
                made.compile()
        return made

    def _field(self, name: str, value: Any, at: At) -> Any:
        if name == "each":
            return self._expressions.path(value, at)
        if name == "ignore":
            listed = value if isinstance(value, list) else [value]
            return tuple(self._expressions.path(item, (*at, number)) for number, item in enumerate(listed))
        if name == "kind" and isinstance(value, str):
            return self._kind(value, at)
        if isinstance(value, list) and name in _SEVERAL:
            return tuple(self._one(name, item, (*at, number)) for number, item in enumerate(value))
        return self._one(name, value, at)

    def _kind(self, value: str, at: At) -> Kind | Expr:
        if value in set(Kind):
            return Kind(value)
        hint = f"write one of {', '.join(Kind)}; where it stands in the record, write {{lookup: path, table: {{…}}}}"
        self._problems.add(at, f"there is no kind {value}", hint)
        return NOTHING

    def _one(self, name: str, value: Any, at: At) -> Any:
        own = _BLOCK_OF.get(name)
        if isinstance(value, Mapping):
            if own is not None and not _NO_FIELDS.intersection(value):
                return self._expressions.block(own, value, at)
            if name in _BY_NAME and name not in value and not _WHOLE.intersection(value):
                return self._expressions.fields(value, at)
        return self._expressions.read(value, at)
