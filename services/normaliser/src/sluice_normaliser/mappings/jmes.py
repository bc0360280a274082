"""JMESPath in a map, for what a path cannot say."""

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath import exceptions

from sluice_normaliser.kit.expressions import Compiler, Expression, MapError
from sluice_normaliser.kit.path import Frame, Getter, Path, Step

_CHAINS = frozenset({"subexpression", "index_expression", "pipe"})
_MAKES_ITS_OWN = frozenset({"function_expression", "multi_select_list", "multi_select_dict"})
"""What follows these is no path of the record any more."""


class jmes(Expression):  # noqa: N801 - reads as a function in a map
    """A JMESPath expression over the record. Fields that it reads from the record on count as used.

    Raises MapError for wrong syntax. Values of a type that one of its functions does not take refuse the report.
    """

    def __init__(self, source: str) -> None:
        try:
            self._parsed = jmespath.compile(source)
        except exceptions.JMESPathError as error:
            raise MapError(f"not a JMESPath expression: {' '.join(str(error).split())}") from error
        self._check(self._parsed.parsed)

    def compile(self, compiler: Compiler) -> Getter:
        """Return the closure."""
        compiler.reach(Path(0, ()))
        for steps in _used(self._parsed.parsed, ()):
            if steps:
                compiler.note(Path(0, steps))
        parsed = self._parsed

        def search(frame: Frame) -> Any:
            return parsed.search(frame[-1])

        return search

    def _check(self, node: Mapping[str, Any]) -> None:
        """Raise MapError for an unknown function, which JMESPath itself would only tell once a report is read."""
        if node["type"] == "function_expression" and node["value"] not in jmespath.functions.Functions.FUNCTION_TABLE:
            known = ", ".join(sorted(jmespath.functions.Functions.FUNCTION_TABLE))
            raise MapError(f"JMESPath has no function {node['value']}(); it has {known}")
        for child in node["children"]:
            if isinstance(child, dict):
                self._check(child)


def _used(node: Mapping[str, Any], base: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Yield the paths below ``base`` of which an expression certainly takes everything.

    What it only takes a part of (a filter, a slice) is not among them, so that the rest stays under ``unmapped``.
    """
    kind, children = node["type"], [child for child in node["children"] if isinstance(child, dict)]
    if kind == "field":
        yield (*base, Step("key", node["value"]))
    elif kind == "index":
        yield (*base, Step("index", node["value"]))
    elif kind in {"current", "identity"}:
        yield base
    elif kind in _CHAINS:
        yield from _chain(children, base)
    elif kind == "flatten":
        yield from ((*path, Step("all")) for path in _used(children[0], base))
    elif kind in {"projection", "value_projection"}:
        item = Step("values" if kind == "value_projection" else "all")
        for path in _used(children[0], base):
            yield from _used(children[1], path if path[-1:] == (item,) else (*path, item))
    elif kind not in {"filter_projection", "slice", "expref"}:
        for child in children:
            yield from _used(child, base)


def _chain(children: list[Any], base: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    if not children:
        yield base
        return
    for path in _used(children[0], base):
        if children[0]["type"] in _MAKES_ITS_OWN:
            yield path
        else:
            yield from _chain(children[1:], path)
