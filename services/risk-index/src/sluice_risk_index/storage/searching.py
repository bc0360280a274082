"""Pages of lists whose criteria no index has in the order asked for: words, refs, assets, identifiers.

What few findings have is found by its own index and then put in order. What many have is better read off the order
itself until a page is full: of a word that one in ten has, a page of 100 is among the first 1,000. A sample of the
table, always of the same blocks, which are at hand then, tells which way is shorter, and down to which finding to read.
It is only ever about the way: what is read down to there is either enough for the page, or the next way is gone.
"""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from sluice_risk_index.domain.criteria import After, Criteria, Sort
from sluice_risk_index.storage.conditions import (
    Arguments,
    direction,
    facet_conditions,
    finding_conditions,
    keyset_condition,
    name_condition,
    order,
    ordered_by,
    team_condition,
    value_type,
    word_condition,
)
from sluice_shared.db import Tx

SAMPLED = 2_000
"""Rows of a sample, about."""
FEW_MATCHES = 8_000
"""So many matches are found and put in order in good time."""
MOST_READ = 30_000
"""So many rows are read in order in good time."""
_AMPLE = 3.0
"""How many more matches than a page has are expected down to the first place tried, since a sample may be off."""

_SCATTERED = 1.5
"""How much longer it takes to read a row in order than to fetch it block by block."""


class Place(NamedTuple):
    """Where to read down to: the value that is ordered by, as text, and the id of a finding."""

    value: str
    id: UUID


class Sampled(NamedTuple):
    """A row of the sample: its place, whether an index leads to it in order, and whether it is a match besides."""

    place: Place
    meets: bool
    hit: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample tells: its rows in the order asked for, each of which stands for ``scale`` rows."""

    rows: Sequence[Sampled]
    scale: float

    def few_matches(self, wanted: int) -> bool:
        """Whether all matches are sooner fetched and put in order than read off the order until so many are there."""
        fetched = sum(row.hit for row in self.rows) * self.scale
        return fetched <= max(FEW_MATCHES, _SCATTERED * self._even(wanted))

    def _even(self, wanted: int) -> float:
        """Return how many rows are to be read for so many matches if these are spread evenly over the order."""
        met = sum(row.meets for row in self.rows)
        both = sum(row.meets and row.hit for row in self.rows)
        return _AMPLE * wanted * met / both if both else math.inf

    def places(self, wanted: int) -> Iterator[Place | None]:
        """Yield places down to which so many matches are expected, ever farther; None is to the end.

        The first is right where matches are spread evenly over the order, the second wherever they are.
        """
        met = [row for row in self.rows if row.meets]
        matches = [number for number, row in enumerate(met) if row.hit]
        if matches:
            even = math.ceil(self._even(wanted) / self.scale)
            uneven = math.ceil(_AMPLE * wanted / self.scale) + 1
            tried = -1
            for last in (even, matches[uneven] if uneven < len(matches) else len(met)):
                if tried < last < len(met) and (last + 1) * self.scale <= MOST_READ:
                    tried = last
                    yield met[last].place
        if len(met) * self.scale <= MOST_READ:
            yield None


async def ways(
    tx: Tx, criteria: Criteria, sort: Sort, after: After | None, limit: int
) -> Iterator[tuple[str, Arguments, bool]]:
    """Return statements that read a page's ids in order, with their arguments; none where the matches are few.

    With each comes whether what it gives is all there is, even if it is no full page. They are to be tried in turn.
    """
    if not _is_hard(criteria) or await _few_by_asset(tx, criteria):
        return iter(())
    sample = await _sample(tx, criteria, sort, after)
    if sample is None or sample.few_matches(limit):
        return iter(())
    places = sample.places(limit)
    return ((*_read_down_to(place, criteria, sort, after, limit), place is None) for place in places)


async def _few_by_asset(tx: Tx, criteria: Criteria) -> bool:
    """Tell whether the assets that are named have few findings, which is told without a sample."""
    named = criteria.assets or criteria.visible
    if named is None:
        return False
    number = await tx.fetchval(
        "SELECT count(*) FROM (SELECT FROM finding WHERE asset_id = ANY ($1) LIMIT $2) AS counted",
        list(named),
        FEW_MATCHES + 1,
    )
    return bool(number <= FEW_MATCHES)


async def _sample(tx: Tx, criteria: Criteria, sort: Sort, after: After | None) -> Sample | None:
    """Sample the table; None when it is small, or nobody knows how large it is."""
    total = await tx.fetchval("SELECT reltuples FROM pg_class WHERE oid = 'finding'::regclass")
    if total <= FEW_MATCHES:
        return None
    arguments = Arguments()
    part = arguments.add(min(100.0, 100.0 * SAMPLED / total))
    met = [
        *facet_conditions(criteria, arguments),
        *team_condition(criteria, arguments),
        *keyset_condition(sort, after, arguments),
    ]
    rows = await tx.fetch(
        f"""
        SELECT v::text, id, meets, hit FROM (
            SELECT {ordered_by(sort)} AS v, id, ({" AND ".join(met) or "true"}) AS meets,
                ({_match(criteria, arguments)}) AS hit
            FROM finding TABLESAMPLE SYSTEM ({part}::float4) REPEATABLE (1)
        ) AS sampled ORDER BY sampled.v {direction(sort)}, id {direction(sort)}
        """,
        *arguments.values,
    )
    if not rows:
        return None
    sampled = [Sampled(Place(row["v"], row["id"]), row["meets"], row["hit"]) for row in rows]
    return Sample(sampled, total / len(rows))


def _read_down_to(
    place: Place | None, criteria: Criteria, sort: Sort, after: After | None, limit: int
) -> tuple[str, Arguments]:
    arguments = Arguments()
    facets = f"SELECT id AS facet FROM facet WHERE {' AND '.join(facet_conditions(criteria, arguments)) or 'true'}"
    source = f"({facets}) AS s"
    within = ["facet = s.facet", *keyset_condition(sort, after, arguments)]
    if criteria.teams:
        source += f" CROSS JOIN unnest({arguments.add(list(criteria.teams))}::text[]) AS team"
        within.append("team = team.team")
        if list(criteria.statuses) == ["open"]:
            # Only then is there an index by team; elsewhere it would be taken for one that begins with the facet.
            within.append("status = 'open'")
    if place is not None:
        reach = ">=" if sort.descending else "<="
        value, finding = arguments.add(place.value), arguments.add(place.id)
        within.append(f"({ordered_by(sort)}, id) {reach} ({value}::text::{value_type(sort)}, {finding}::uuid)")
    match, rows, way = _match(criteria, arguments), arguments.add(limit), direction(sort)
    # OFFSET 0 keeps the match away from the way to the rows, which is the order's index and no other.
    statement = f"""
        SELECT r.id FROM {source} CROSS JOIN LATERAL (
            SELECT v, id FROM (
                SELECT {ordered_by(sort)} AS v, id, asset_id, refs, identifiers, terms FROM finding
                WHERE {" AND ".join(within)} ORDER BY {order(sort)} OFFSET 0
            ) AS walked WHERE {match} ORDER BY v {way}, id {way} LIMIT {rows}
        ) AS r ORDER BY r.v {way}, r.id {way} LIMIT {rows}
    """
    return statement, arguments


def _is_hard(criteria: Criteria) -> bool:
    named = criteria.words or criteria.refs or criteria.assets or criteria.identifiers
    return bool(named) or criteria.visible is not None


def _match(criteria: Criteria, arguments: Arguments) -> str:
    """Return the condition that no index has in order; names and words cost less without making a tsvector."""
    conditions = finding_conditions(replace(criteria, words=(), identifiers=()), arguments)
    if criteria.identifiers:
        conditions.append(name_condition(criteria.identifiers, arguments))
    return " AND ".join([*conditions, *(word_condition(word, arguments) for word in criteria.words)])
