"""From what is written in a mapping file to the kit's expressions; every operator has one entry in a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sluice_normaliser.kit import blocks, expressions, functions, values
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.expressions import Compiler, Expr, Expression, MapError
from sluice_normaliser.kit.path import parse_path, split_alternatives
from sluice_normaliser.kit.severity import TABLES, Grade
from sluice_normaliser.mappings.jmes import jmes
from sluice_normaliser.mappings.problems import At, Problems
from sluice_shared.contracts.finding import ObservationStatus, RatingMethod, Severity

NOTHING = expressions.const(None)
"""What stands for an expression that is wrong, so that the rest of the file is checked, too."""

_BLOCKS: Mapping[str, Callable[..., Expression]] = {
    "code": blocks.code,
    "package": blocks.package,
    "image": blocks.image,
    "url": blocks.url,
    "host": blocks.host,
    "resource": blocks.resource,
    "step": blocks.step,
    "fix": blocks.fix,
    "reference": blocks.reference,
    "evidence": blocks.evidence,
    "suppression": blocks.suppression,
    "vex": blocks.vex,
    "licence": blocks.licence,
    "compliance": blocks.compliance,
    "rating": values.rating,
    "epss": values.epss,
    "secret": values.secret,
}


@dataclass(frozen=True, slots=True)
class _Operator:
    """``takes`` says of what sort the operator's own value is, ``options`` of what sort the names beside it are."""

    takes: str
    build: Callable[..., Expr]
    options: Mapping[str, str]


def _sections(plain: list[Expr], titled: Mapping[str, Expr] | None = None) -> Expression:
    return expressions.sections(*plain, **(titled or {}))


def _template(pattern: str) -> Expression:
    return expressions.template(pattern)


def _by(value: Expr, table: str | Mapping[str, str] = "words", source: Expr | None = None, default: str = "") -> Expr:
    """Return a severity by a table of the kit, or by one's own words; a table of statuses gives a status."""
    if isinstance(table, str):
        if table not in TABLES:
            values.by(value, table)  # the bands of scores are known there
        return values.by(value, table, source)
    meant = {str(said): str(word).lower() for said, word in table.items()}
    words = {*meant.values(), *([default.lower()] if default else [])}
    if words <= set(ObservationStatus):
        otherwise = ObservationStatus(default.lower()) if default else ObservationStatus.OPEN
        return values.status(value, {said: ObservationStatus(word) for said, word in meant.items()}, otherwise)
    if wrong := sorted(words - set(Severity)):
        raise MapError(
            f"{wrong[0]!r} is no severity and no status; severities are {', '.join(Severity)}, "
            f"statuses {', '.join(ObservationStatus)}"
        )
    severities = {said.strip().lower(): Severity(word) for said, word in meant.items()}
    otherwise_severity = Severity(default.lower()) if default else Severity.UNKNOWN

    def place(raw: Any) -> Grade | None:
        said = text(raw)
        return None if said is None else Grade(severities.get(said.strip().lower(), otherwise_severity), said)

    return expressions.call(place, value)


_OPERATORS: Mapping[str, _Operator] = {
    "path": _Operator("expr", lambda path: path, {}),
    "const": _Operator("raw", expressions.const, {}),
    "jmespath": _Operator("text", jmes, {}),
    "first": _Operator("exprs", lambda choices: expressions.first(*choices), {}),
    "lookup": _Operator("expr", expressions.lookup, {"table": "table", "default": "raw"}),
    "by": _Operator("expr", _by, {"table": "raw", "source": "expr", "default": "text"}),
    "template": _Operator("text", _template, {}),
    "join": _Operator("exprs", lambda parts, sep="\n": expressions.join(*parts, sep=sep), {"sep": "text"}),
    "sections": _Operator("exprs", _sections, {"titled": "fields"}),
    "plain": _Operator("expr", functions.plain, {}),
    "matching": _Operator("expr", functions.matching, {"pattern": "text", "group": "raw"}),
    "split": _Operator("expr", functions.split, {"separator": "text"}),
    "when": _Operator("expr", expressions.when, {"then": "expr", "otherwise": "expr"}),
    "each": _Operator("path", expressions.each, {"expression": "expr", "where": "expr"}),
    "timestamp": _Operator(
        "expr", lambda value, formats=(): functions.timestamp(value, *formats), {"formats": "texts"}
    ),
    "one_based": _Operator("expr", functions.one_based, {}),
    "peek": _Operator("path", expressions.peek, {}),
    "ident": _Operator("expr", values.ident, {"otherwise": "text", "scheme": "text", "source": "expr"}),
}
OPERATORS = (*_OPERATORS, *_BLOCKS)


class Expressions:
    """Reads the expressions of one document; mistakes are noted in ``problems``."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def read(self, given: Any, at: At) -> Expr:
        """Return any expression: a path, a number or truth value, or an object with the name of an operator."""
        if isinstance(given, str):
            return self.path(given, at)
        if isinstance(given, (bool, int, float)):
            return given
        if isinstance(given, Mapping):
            return self._operation(given, at)
        hint = "write `first: […]` to take the first that is there, or `join: […]`" if isinstance(given, list) else ""
        self._problems.add(at, "a path or an expression belongs here", hint)
        return NOTHING

    def path(self, given: Any, at: At) -> str:
        """Return a path that is well-formed, or ``.`` when it is not, which is then noted."""
        if not isinstance(given, str):
            self._problems.add(at, "a path belongs here", "write it as text, such as results[].file")
            return "."
        before = len(self._problems.found)
        with self._problems.at(at):
            for alternative in split_alternatives(given):
                parse_path(alternative)
        return given if len(self._problems.found) == before else "."

    def block(self, name: str, given: Any, at: At) -> Expr:
        """Return the block of this name with these fields."""
        return self._made(lambda fields: _block(name, fields), at, self.fields(given, at))

    def fields(self, given: Any, at: At) -> dict[str, Any]:
        """Return an object whose values are expressions."""
        if not isinstance(given, Mapping):
            self._problems.add(at, "an object of fields belongs here", "write the fields below it, each with its path")
            return {}
        return {str(name): self.read(value, (*at, name)) for name, value in given.items()}

    def _operation(self, given: Mapping[str, Any], at: At) -> Expr:
        named = [name for name in given if name in OPERATORS]
        if not named:
            self._problems.add(at, "no expression: none of its names is an operator", f"write {', '.join(OPERATORS)}")
            return NOTHING
        name = named[0]
        if name in _BLOCKS:
            for other in given:
                if other != name:
                    self._problems.unknown((*at, other), (name,))
            return self.block(name, given[name], (*at, name))
        operator = _OPERATORS[name]
        options: dict[str, Any] = {}
        for option, value in given.items():
            if option == name:
                continue
            if option not in operator.options:
                self._problems.unknown((*at, option), (name, *operator.options))
                return NOTHING
            options[option] = self._argument(operator.options[option], value, (*at, option))
        own = self._argument(operator.takes, given[name], (*at, name))
        return self._made(lambda _: operator.build(own, **options), (*at, name), {})

    def _made(self, build: Callable[[dict[str, Any]], Expr], at: At, fields: dict[str, Any]) -> Expr:
        before = len(self._problems.found)
        built: Expr = NOTHING
        with self._problems.at(at):
            built = build(fields)
            Compiler().compile(built)
        return built if len(self._problems.found) == before else NOTHING

    def _argument(self, sort: str, value: Any, at: At) -> Any:
        if sort == "expr":
            return self.read(value, at)
        if sort == "exprs":
            listed = value if isinstance(value, list) else [value]
            return [self.read(item, (*at, number)) for number, item in enumerate(listed)]
        if sort == "path":
            return self.path(value, at)
        if sort == "fields":
            return self.fields(value, at)
        expected, shown = _SORTS[sort]
        if isinstance(value, expected) and (sort != "texts" or all(isinstance(item, str) for item in value)):
            return value
        self._problems.add(at, f"{shown} belongs here")
        return expected() if isinstance(expected, type) and expected is not object else ""


_SORTS: Mapping[str, tuple[Any, str]] = {
    "raw": (object, "a value"),
    "text": (str, "a text"),
    "texts": (list, "a list of texts"),
    "table": (dict, "an object that says what each word means"),
}


def _block(name: str, fields: dict[str, Any]) -> Expression:
    if name == "rating" and "source" not in fields:
        raise MapError("a rating needs its source: write `source: {const: nvd}`, or a path")
    if name == "rating" and "method" in fields:
        raise MapError(f"a rating's method follows from its vector; methods are {', '.join(RatingMethod)}")
    return _BLOCKS[name](**fields)
