"""Criteria as SQL conditions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sluice_risk_index.domain.criteria import After, Criteria, Sort, SortKey

EXPRESSIONS = {
    SortKey.SCORE: "{row}score",
    SortKey.DUE: "coalesce({row}due_at, 'infinity'::timestamptz)",
    SortKey.FIRST_SEEN: "{row}first_seen_at",
}
"""What is ordered by, as the indexes have it."""

SEARCHED = "array_to_tsvector(string_to_array(terms, ' ') || identifiers)"
"""What is searched, as the index has it."""


def ordered_by(sort: Sort, row: str = "") -> str:
    """Return the SQL expression of an order; ``row`` is a prefix such as `f.`."""
    return EXPRESSIONS[sort.key].format(row=row)


def direction(sort: Sort) -> str:
    """Return ASC or DESC."""
    return "DESC" if sort.descending else "ASC"


def order(sort: Sort, row: str = "") -> str:
    """Return what follows ORDER BY."""
    return f"{ordered_by(sort, row)} {direction(sort)}, {row}id {direction(sort)}"


class Arguments:
    """Collects the arguments of a statement; each becomes `$n`."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        """Return the placeholder of a value."""
        self.values.append(value)
        return f"${len(self.values)}"


def facet_conditions(criteria: Criteria, arguments: Arguments) -> list[str]:
    """Conditions on what a facet has; the columns have the same names in `facet` and in `finding`."""
    wanted = {
        "status": criteria.statuses,
        "severity": criteria.severities,
        "risk_class": criteria.classes,
        "kind": criteria.kinds,
        "sla_state": criteria.sla_states,
        "tier": criteria.tiers,
        "decision": criteria.decisions,
    }
    conditions = [
        f"{column} = ANY ({arguments.add(list(values))}::text[])" for column, values in wanted.items() if values
    ]
    if criteria.scanners:
        conditions.append(f"scanners && {arguments.add(list(criteria.scanners))}::text[]")
    return conditions


def finding_conditions(criteria: Criteria, arguments: Arguments) -> list[str]:
    """Conditions on what only a finding has, its team aside."""
    conditions = []
    if criteria.assets:
        conditions.append(f"asset_id = ANY ({arguments.add(list(criteria.assets))}::uuid[])")
    if criteria.asset_keys:
        keys = f"{arguments.add(list(criteria.asset_keys))}::text[]"
        called = f"SELECT a.asset_id FROM asset a WHERE a.key = ANY ({keys}) OR a.aliases && {keys}"  # noqa: S608 - placeholders only
        conditions.append(f"asset_id = ANY (ARRAY({called}))")
    if criteria.visible is not None:
        conditions.append(f"asset_id = ANY ({arguments.add(list(criteria.visible))}::uuid[])")
    if criteria.refs:
        conditions.append(f"refs && {arguments.add(list(criteria.refs))}::text[]")
    if criteria.identifiers:
        query = " | ".join(quote_term(identifier) for identifier in criteria.identifiers)
        conditions.append(f"{SEARCHED} @@ {arguments.add(query)}::tsquery")
    if criteria.words:
        query = " & ".join(word_query(word) for word in criteria.words)
        conditions.append(f"{SEARCHED} @@ {arguments.add(query)}::tsquery")
    return conditions


def team_condition(criteria: Criteria, arguments: Arguments) -> list[str]:
    """Return the condition on the team."""
    return [f"team = ANY ({arguments.add(list(criteria.teams))}::text[])"] if criteria.teams else []


def keyset_condition(sort: Sort, after: After | None, arguments: Arguments) -> list[str]:
    """Return the condition that begins the page where the last one ended."""
    if after is None:
        return []
    beyond = "<" if sort.descending else ">"
    value, finding = arguments.add(after.value), arguments.add(after.id)
    cast = "float8" if sort.key is SortKey.SCORE else f"text::{value_type(sort)}"
    return [f"({ordered_by(sort)}, id) {beyond} ({value}::{cast}, {finding}::uuid)"]


def value_type(sort: Sort) -> str:
    """Return the SQL type of what is ordered by."""
    return "float8" if sort.key is SortKey.SCORE else "timestamptz"


def word_condition(word: str, arguments: Arguments) -> str:
    """Return the condition that a term begins with the word, as :func:`word_query` means it, without the index.

    A row is looked at in a microsecond; to make a tsvector of it takes ten.
    """
    term, name, upper = arguments.add(f" {word}"), arguments.add(f"\x1f{word}"), arguments.add(f"\x1f{word.upper()}")
    names = r"E'\x1f' || array_to_string(identifiers, E'\x1f')"
    return f"(strpos(' ' || terms, {term}) > 0 OR strpos({names}, {upper}) > 0 OR strpos({names}, {name}) > 0)"


def name_condition(names: Sequence[str], arguments: Arguments) -> str:
    """Return the condition that an identifier or a term is one of the names, without the index."""
    wanted = arguments.add(list(names))
    return f"(identifiers && {wanted}::text[] OR string_to_array(terms, ' ') && {wanted}::text[])"


def quote_term(term: str) -> str:
    """Write a term for tsquery, whatever characters it has."""
    doubled = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def word_query(word: str) -> str:
    """Match terms that begin with the word; identifiers are kept in upper case."""
    return f"({quote_term(word)}:* | {quote_term(word.upper())}:*)"


def as_cursor_value(sort: Sort, value: float | datetime | None) -> float | str:
    """Return the value as a cursor carries it."""
    if sort.key is SortKey.SCORE:
        return float(value) if isinstance(value, int | float) else 0.0
    return value.isoformat() if isinstance(value, datetime) else "infinity"
