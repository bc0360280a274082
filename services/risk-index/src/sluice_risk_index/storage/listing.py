"""Pages of findings, in the order asked for.

Most lists are merged from the facets that match (see :class:`sluice_risk_index.storage.tables.FacetRow`): each facet is
in order in its index, the first row of each is looked at, and only facets that can have a row on the page are read on.
So a page costs about the same however rare the matches are and however many findings there are. Lists that name assets,
identifiers or words are mostly narrow from the start; they are found by those and then put in order. Where they are
not, :mod:`sluice_risk_index.storage.searching` has another way.
"""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sluice_risk_index.domain.criteria import After, Criteria, Sort
from sluice_risk_index.storage import portfolio, searching
from sluice_risk_index.storage.conditions import (
    Arguments,
    direction,
    facet_conditions,
    finding_conditions,
    keyset_condition,
    order,
    ordered_by,
    team_condition,
)
from sluice_shared.db import Record, Tx

_SHOWN = (
    "f.id, f.asset_id, a.key AS asset, f.title, f.kind, f.severity, f.risk_class, f.score, f.status, f.team, f.tier, "
    "f.scanners, f.rule_id, f.identifiers, f.cwes, f.package, f.location, f.fix_action, f.refs, f.first_seen_at, "
    "f.opened_at, f.resolved_at, f.sla_state, f.due_at, f.decision, f.decided_until, f.exception_id, "
    "f.known_exploited"
)
_FEW_ASSETS = 200
# What is narrow for one filter is wide for another, so a plan kept for all would be wrong for most. A bitmap of many
# matches that does not fit becomes lossy, and then every row of its pages is looked at again.
_PLANNING = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '64MB'"


async def list_findings(tx: Tx, criteria: Criteria, sort: Sort, after: After | None, limit: int) -> list[Record]:
    """Return at most ``limit`` findings that meet the criteria, from ``after`` on."""
    if criteria.asset_keys:
        called = await portfolio.called(tx, criteria.asset_keys)
        if not called:
            return []
        criteria = replace(criteria, assets=called, asset_keys=())
    if criteria.refs and not criteria.assets:
        assets = await _assets_with_ref(tx, criteria.refs)
        if not assets:
            return []
        if len(assets) <= _FEW_ASSETS:
            criteria = replace(criteria, assets=assets)
    await tx.execute(_PLANNING)
    for page, arguments, complete in await searching.ways(tx, criteria, sort, after, limit):
        found = await _show(tx, page, sort, arguments)
        if complete or len(found) == limit:
            return found
    arguments = Arguments()
    narrow = criteria.assets or criteria.identifiers or criteria.words or criteria.visible is not None
    build = _found if narrow else _merged
    return await _show(tx, build(criteria, sort, after, limit, arguments), sort, arguments)


async def _show(tx: Tx, page: str, sort: Sort, arguments: Arguments) -> list[Record]:
    return await tx.fetch(
        f"""
        WITH page AS MATERIALIZED ({page})
        SELECT {_SHOWN} FROM page JOIN finding f ON f.id = page.id JOIN asset a ON a.asset_id = f.asset_id
        ORDER BY {order(sort, "f.")}
        """,
        *arguments.values,
    )


async def _assets_with_ref(tx: Tx, refs: Sequence[str]) -> list[UUID]:
    """Return the assets that have such a ref, not more than tells that they are many: then it narrows nothing."""
    rows = await tx.fetch(
        "SELECT DISTINCT asset_id FROM coverage WHERE ref = ANY ($1) LIMIT $2", list(refs), _FEW_ASSETS + 1
    )
    return [row["asset_id"] for row in rows]


def _found(criteria: Criteria, sort: Sort, after: After | None, limit: int, arguments: Arguments) -> str:
    conditions = [
        *facet_conditions(criteria, arguments),
        *finding_conditions(criteria, arguments),
        *team_condition(criteria, arguments),
    ]
    beyond = keyset_condition(sort, after, arguments)
    where, rest = " AND ".join(conditions) or "true", " AND ".join(beyond) or "true"
    # OFFSET 0 keeps where a page begins away from what finds the rows: that so many are due never makes PostgreSQL
    # believe that few are left, and walk through all that are due later.
    return f"""
        SELECT id FROM (SELECT id, score, due_at, first_seen_at FROM finding WHERE {where} OFFSET 0) AS narrow
        WHERE {rest} ORDER BY {order(sort)} LIMIT {arguments.add(limit)}
    """


def _merged(criteria: Criteria, sort: Sort, after: After | None, limit: int, arguments: Arguments) -> str:
    facets = f"SELECT id AS facet FROM facet WHERE {' AND '.join(facet_conditions(criteria, arguments)) or 'true'}"
    within = [*finding_conditions(criteria, arguments), *keyset_condition(sort, after, arguments)]
    source, carried, joined = f"({facets}) AS s", "s.facet", "facet = {row}.facet"
    if criteria.teams:
        teams = f"unnest({arguments.add(list(criteria.teams))}::text[]) AS team"
        source, carried, joined = f"({facets}) AS s CROSS JOIN {teams}", "s.facet, team.team", "facet = {row}.facet"
        joined += " AND team = {team}"
        if list(criteria.statuses) == ["open"]:
            within.append("status = 'open'")
    rows = arguments.add(limit)
    value, way = ordered_by(sort), direction(sort)
    first, rest = (
        " AND ".join([joined.format(row=row, team=team), *within])
        for row, team in (("s", "team.team"), ("heads", "heads.team"))
    )
    return f"""
        WITH heads AS MATERIALIZED (
            SELECT {carried} FROM {source} CROSS JOIN LATERAL (
                SELECT {value} AS v, id FROM finding WHERE {first} ORDER BY {order(sort)} LIMIT 1
            ) AS head ORDER BY head.v {way}, head.id {way} LIMIT {rows}
        )
        SELECT r.id FROM heads CROSS JOIN LATERAL (
            SELECT {value} AS v, id FROM finding WHERE {rest} ORDER BY {order(sort)} LIMIT {rows}
        ) AS r ORDER BY r.v {way}, r.id {way} LIMIT {rows}
    """
