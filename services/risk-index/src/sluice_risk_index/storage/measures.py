"""Measures of assets, teams and programmes, each from one pass over an index."""

# ruff: noqa: S608 - names of closed sets, column names and placeholders are put into the SQL

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from uuid import UUID

import orjson

from sluice_risk_index.domain.measures import ALL, WINDOW, Flow, Grouping, Level, Spread, Standing
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import EXCUSED
from sluice_shared.contracts.finding import Severity
from sluice_shared.db import Record, Tx

Key = tuple[Level, str]
"""A group: its level, and its name, which is an asset's id in hex, and empty where the level has one group only."""

_COLUMNS = {Level.ALL: "", Level.PROGRAMME: "programme", Level.TEAM: "team", Level.ASSET: "asset_id"}
_TEAMS = "unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[]) AS t (team, programme, onboarded, ideal_left)"
_EXCUSED = ", ".join(f"'{decision}'" for decision in sorted(EXCUSED))


async def standing(
    tx: Tx,
    levels: Sequence[Level],
    grouping: Grouping,
    weights: Mapping[RiskClass, float],
    visible: Sequence[UUID] | None = None,
) -> dict[Key, Standing]:
    """Return how each group with open findings stands now; over some assets only, where ``visible`` names them."""
    parts = "asset_id, team, facet" if Level.ASSET in levels else "team, facet"
    rows = await tx.fetch(
        f"""
        WITH parts AS MATERIALIZED (
            SELECT {parts}, count(*) AS number, sum(score) AS score,
                count(*) * date_part('epoch', now()) - sum(date_part('epoch', first_seen_at)) AS age,
                min(first_seen_at) AS oldest,
                count(*) FILTER (WHERE first_seen_at < t.onboarded) AS backlog
            FROM finding LEFT JOIN {_TEAMS} USING (team)
            WHERE status = 'open' AND ($5::uuid[] IS NULL OR asset_id = ANY ($5)) GROUP BY {parts}
        ), counted AS (
            SELECT p.*, t.programme, t.ideal_left, f.risk_class, f.severity, f.sla_state, f.decision,
                f.decision IN ({_EXCUSED}) AS excused, w.weight
            FROM parts p JOIN facet f ON f.id = p.facet LEFT JOIN {_TEAMS} USING (team)
            LEFT JOIN unnest($6::text[], $7::float8[]) AS w (risk_class, weight) ON w.risk_class = f.risk_class
        )
        SELECT {_key(levels)},
            coalesce(sum(number) FILTER (WHERE NOT excused), 0)::bigint AS open,
            coalesce(sum(score * weight) FILTER (WHERE NOT excused), 0)::float8 / 100 AS index,
            {_counts("risk_class", RiskClass)} AS by_class,
            {_counts("severity", Severity)} AS by_severity,
            {_counts("sla_state", SlaState)} AS by_sla,
            {_counts("decision", EXCUSED, "excused")} AS excused,
            sum(age) FILTER (WHERE NOT excused) / sum(number) FILTER (WHERE NOT excused) AS mean_age,
            min(oldest) FILTER (WHERE NOT excused) AS oldest_at,
            coalesce(sum(backlog) FILTER (WHERE NOT excused), 0)::bigint AS backlog,
            coalesce(sum(backlog), 0)::bigint AS backlog_there,
            coalesce(sum(backlog * ideal_left), 0)::float8 AS ideal
        FROM counted GROUP BY {_sets(levels)}
        """,
        *_arguments(grouping),
        None if visible is None else list(visible),
        [risk_class.value for risk_class in weights],
        list(weights.values()),
    )
    return {
        key: Standing(
            open=row["open"],
            index=round(row["index"], 2),
            by_class=_filled(row["by_class"]),
            by_severity=_filled(row["by_severity"]),
            by_sla=_filled(row["by_sla"]),
            excused=_filled(row["excused"]),
            mean_age=row["mean_age"],
            oldest_at=row["oldest_at"],
            backlog=row["backlog"],
            backlog_there=row["backlog_there"],
            ideal=row["ideal"],
        )
        for row in rows
        if (key := _key_of(row)) is not None
    }


async def flow(
    tx: Tx, levels: Sequence[Level], grouping: Grouping, visible: Sequence[UUID] | None = None
) -> dict[Key, Flow]:
    """Return what happened to each group's findings within the window."""
    arguments = [*_arguments(grouping), None if visible is None else list(visible), WINDOW]
    ended = await _ended(tx, levels, grouping, arguments)
    returned = await _returned(tx, levels, arguments)
    mttr, mttd = await _time_to_resolve(tx, levels, arguments), await _time_to_detect(tx, levels, arguments)
    found: dict[Key, Flow] = {}
    for key in {*ended, *returned, *mttr, *mttd}:
        row = ended.get(key)
        found[key] = Flow(
            resolved=row["resolved"] if row else 0,
            met=row["met"] if row else 0,
            late=row["late"] if row else 0,
            reopened=returned.get(key, 0),
            mttr=mttr.get(key, {}),
            mttd=mttd.get(key, {}),
            backlog_gone=row["backlog_gone"] if row else 0,
            ideal=row["ideal"] if row else 0.0,
        )
    return found


async def _ended(tx: Tx, levels: Sequence[Level], grouping: Grouping, arguments: Sequence[object]) -> dict[Key, Record]:
    lately = "resolved_at > now() - $6::interval"
    gone = "first_seen_at < onboarded AND resolved_at >= onboarded"
    rows = await tx.fetch(
        f"""
        SELECT {_key(levels)}, count(*) FILTER (WHERE {lately}) AS resolved,
            count(*) FILTER (WHERE {lately} AND sla_state = 'met') AS met,
            count(*) FILTER (WHERE {lately} AND sla_state = 'breached') AS late,
            count(*) FILTER (WHERE {gone}) AS backlog_gone,
            coalesce(sum(ideal_left) FILTER (WHERE {gone}), 0)::float8 AS ideal
        FROM finding LEFT JOIN {_TEAMS} USING (team)
        WHERE status = 'resolved' AND resolved_at > least(now() - $6::interval, $7::timestamptz)
            AND ($5::uuid[] IS NULL OR asset_id = ANY ($5))
        GROUP BY {_sets(levels)}
        """,
        *arguments,
        grouping.earliest,
    )
    return {key: row for row in rows if (key := _key_of(row)) is not None}


async def _returned(tx: Tx, levels: Sequence[Level], arguments: Sequence[object]) -> dict[Key, int]:
    rows = await tx.fetch(
        f"""
        SELECT {_key(levels)}, count(*) AS reopened FROM finding LEFT JOIN {_TEAMS} USING (team)
        WHERE clock > 0 AND status = 'open' AND opened_at > now() - $6::interval
            AND ($5::uuid[] IS NULL OR asset_id = ANY ($5))
        GROUP BY {_sets(levels)}
        """,
        *arguments,
    )
    return {key: row["reopened"] for row in rows if (key := _key_of(row)) is not None}


async def _time_to_resolve(
    tx: Tx, levels: Sequence[Level], arguments: Sequence[object]
) -> dict[Key, dict[str, Spread]]:
    return await _spreads(
        tx,
        levels,
        arguments,
        f"""
        SELECT asset_id, team, programme, risk_class, extract(epoch FROM resolved_at - opened_at)::float8 AS seconds
        FROM finding LEFT JOIN {_TEAMS} USING (team)
        WHERE status = 'resolved' AND resolved_at > now() - $6::interval
            AND ($5::uuid[] IS NULL OR asset_id = ANY ($5))
        """,
    )


async def _time_to_detect(tx: Tx, levels: Sequence[Level], arguments: Sequence[object]) -> dict[Key, dict[str, Spread]]:
    """Measure from when it was public and the asset was watched."""
    return await _spreads(
        tx,
        levels,
        arguments,
        f"""
        SELECT f.asset_id, f.team, programme, f.risk_class,
            greatest(extract(epoch FROM f.first_seen_at - greatest(f.published_at, a.first_seen_at)), 0)::float8
                AS seconds
        FROM finding f JOIN asset a USING (asset_id) LEFT JOIN {_TEAMS} ON t.team = f.team
        WHERE f.published_at IS NOT NULL AND f.first_seen_at > now() - $6::interval
            AND ($5::uuid[] IS NULL OR f.asset_id = ANY ($5))
        """,
    )


async def _spreads(
    tx: Tx, levels: Sequence[Level], arguments: Sequence[object], source: str
) -> dict[Key, dict[str, Spread]]:
    rows = await tx.fetch(
        f"""
        SELECT {_key(levels)}, risk_class, count(*) AS number,
            percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds) AS spread
        FROM ({source}) AS taken GROUP BY {_sets(levels, "risk_class")}
        """,
        *arguments,
    )
    found: dict[Key, dict[str, Spread]] = {}
    for row in rows:
        key = _key_of(row)
        if key is not None and row["number"]:
            found.setdefault(key, {})[row["risk_class"] or ALL] = Spread(row["number"], *row["spread"])
    return found


def _arguments(grouping: Grouping) -> list[object]:
    return [grouping.teams, grouping.programmes, grouping.onboarded, grouping.ideal_left]


def _key(levels: Sequence[Level]) -> str:
    """Write which level a row is of, and the name of its group."""
    names = [_COLUMNS[level] for level in levels]
    told = " ".join(
        f"WHEN GROUPING({name}) = 0 THEN '{level}'" for level, name in zip(levels, names, strict=True) if name
    )
    named = ", ".join(f"{name}::text" for name in names if name)
    level = f"CASE {told} ELSE '{Level.ALL}' END" if told else f"'{Level.ALL}'"
    return f"{level} AS level, {f'coalesce({named})' if named else 'NULL'} AS name"


def _sets(levels: Sequence[Level], *more: str) -> str:
    """Write what follows GROUP BY: each level by itself, and by what there is ``more``."""
    sets = [[_COLUMNS[level]] if _COLUMNS[level] else [] for level in levels]
    sets += [[*columns, *more] for columns in sets if more]
    return "GROUPING SETS (" + ", ".join(f"({', '.join(columns)})" for columns in sets) + ")"


def _key_of(row: Record) -> Key | None:
    """Return the group of a row; None for what is in none, such as teams without a programme."""
    level, name = Level(row["level"]), row["name"]
    if level is Level.ALL:
        return level, ""
    if name is None:
        return None
    return level, UUID(name).hex if level is Level.ASSET else name


def _counts(column: str, values: Iterable[StrEnum], where: str = "NOT excused") -> str:
    pairs = (f"'{value}', sum(number) FILTER (WHERE {where} AND {column} = '{value}')" for value in sorted(values))
    return f"jsonb_build_object({', '.join(pairs)})::text"


def _filled(counts: str) -> dict[str, int]:
    return {name: number for name, number in orjson.loads(counts).items() if number}
