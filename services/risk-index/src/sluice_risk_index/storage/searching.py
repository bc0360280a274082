"""Pages of a search for words that are common.

The index of words finds few matches fast, but of many it fetches all before it can put them in order. Those are
better read off the order itself until a page is full: of a word that one in ten has, a page of 100 is among the first
1,000. A sample of the table, taken anew for each question, tells which way is shorter, and down to which value to read.
It is only ever about the way: what is read down to a value is either enough for the page, or the other way is gone.
"""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sluice_risk_index.domain.criteria import After, Criteria, Sort
from sluice_risk_index.storage.conditions import (
    Arguments,
    direction,
    facet_conditions,
    finding_conditions,
    keyset_condition,
    order,
    ordered_by,
    team_condition,
    value_type,
    word_condition,
)
from sluice_shared.db import Tx

SAMPLED = 1_500
"""Rows of a sample, about."""
FEW_MATCHES = 15_000
"""So many matches are found and put in order in good time."""
MOST_READ = 30_000
"""So many rows are read in order in good time."""
_AMPLE = 3.0
"""How many more than a page are expected down to the first value tried, since a sample may be off."""
_STEPS = (1, 6)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample tells: for each row that meets the criteria or has the words, in the order asked for.

    ``rows`` are (value as text, meets the other criteria, has the words); a row stands for ``scale`` rows.
    """

    rows: Sequence[tuple[str, bool, bool]]
    scale: float

    def few_matches(self) -> bool:
        """Whether the index of words has few to fetch."""
        return sum(hit for _, _, hit in self.rows) * self.scale <= FEW_MATCHES

    def few_rows(self) -> bool:
        """Whether the other criteria leave few to read."""
        return sum(meets for _, meets, _ in self.rows) * self.scale <= MOST_READ

    def cuts(self, wanted: int) -> Iterator[str]:
        """Yield values down to which so many matches are expected, ever farther, while few rows are on the way."""
        for step in _STEPS:
            reached = self._reach(math.ceil(_AMPLE * wanted / self.scale) * step)
            if reached is None or reached[1] * self.scale > MOST_READ:
                return
            yield reached[0]

    def _reach(self, matches: int) -> tuple[str, int] | None:
        """Return the value after so many matches of the sample, and how many of its rows are to be read until there."""
        read = seen = 0
        for value, meets, hit in self.rows:
            read += meets
            seen += meets and hit
            if seen > matches:
                return value, read
        return None


async def ways(
    tx: Tx, criteria: Criteria, sort: Sort, after: After | None, limit: int
) -> Iterator[tuple[str, Arguments, bool]]:
    """Return statements that read a page's ids in order, with their arguments; none where the index of words is better.

    With each comes whether what it gives is all there is, even if it is no full page. They are to be tried in turn.
    """
    sample = await _sample(tx, criteria, sort, after)
    if sample is None or sample.few_matches():
        return iter(())
    cuts: Iterator[str | None] = iter([None]) if sample.few_rows() else sample.cuts(limit)
    return ((*_read_down_to(cut, criteria, sort, after, limit), cut is None) for cut in cuts)


async def _sample(tx: Tx, criteria: Criteria, sort: Sort, after: After | None) -> Sample | None:
    """Sample the table; None when it is small, or nobody knows how large it is."""
    total = await tx.fetchval("SELECT reltuples FROM pg_class WHERE oid = 'finding'::regclass")
    if total <= FEW_MATCHES:
        return None
    arguments = Arguments()
    part = arguments.add(min(100.0, 100.0 * SAMPLED / total))
    others = _others(criteria)
    met = [
        *facet_conditions(others, arguments),
        *finding_conditions(others, arguments),
        *team_condition(others, arguments),
        *keyset_condition(sort, after, arguments),
    ]
    rows = await tx.fetch(
        f"""
        SELECT v::text, meets, hit FROM (
            SELECT {ordered_by(sort)} AS v, id, ({" AND ".join(met) or "true"}) AS meets,
                ({_has_words(criteria, arguments)}) AS hit
            FROM finding TABLESAMPLE SYSTEM ({part}::float4)
        ) AS sampled ORDER BY sampled.v {direction(sort)}, id {direction(sort)}
        """,
        *arguments.values,
    )
    if not rows:
        return None
    return Sample([(row["v"], row["meets"], row["hit"]) for row in rows], total / len(rows))


def _read_down_to(
    cut: str | None, criteria: Criteria, sort: Sort, after: After | None, limit: int
) -> tuple[str, Arguments]:
    arguments = Arguments()
    others = _others(criteria)
    facets = f"SELECT id AS facet FROM facet WHERE {' AND '.join(facet_conditions(others, arguments)) or 'true'}"
    source = f"({facets}) AS s"
    within = ["facet = s.facet", *finding_conditions(others, arguments), *keyset_condition(sort, after, arguments)]
    if criteria.teams:
        source += f" CROSS JOIN unnest({arguments.add(list(criteria.teams))}::text[]) AS team"
        within.append("team = team.team")
    if list(criteria.statuses) == ["open"]:
        within.append("status = 'open'")
    if cut is not None:
        reach = ">=" if sort.descending else "<="
        within.append(f"{ordered_by(sort)} {reach} {arguments.add(cut)}::text::{value_type(sort)}")
    within.append(_has_words(criteria, arguments))
    rows, way = arguments.add(limit), direction(sort)
    statement = f"""
        SELECT r.id FROM {source} CROSS JOIN LATERAL (
            SELECT {ordered_by(sort)} AS v, id FROM finding WHERE {" AND ".join(within)}
            ORDER BY {order(sort)} LIMIT {rows}
        ) AS r ORDER BY r.v {way}, r.id {way} LIMIT {rows}
    """
    return statement, arguments


def _others(criteria: Criteria) -> Criteria:
    return replace(criteria, words=())


def _has_words(criteria: Criteria, arguments: Arguments) -> str:
    return " AND ".join(word_condition(word, arguments) for word in criteria.words)
