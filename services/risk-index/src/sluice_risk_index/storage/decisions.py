"""Decisions of people: which findings they are about, and their record."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from sluice_risk_index.domain.criteria import Criteria
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.storage.conditions import Arguments, facet_conditions, finding_conditions, team_condition
from sluice_risk_index.storage.findings import SELECTED, as_finding
from sluice_shared.db import Record, Tx

Held = list[tuple[Finding, str]]
_WITH_ASSET = f"SELECT {SELECTED}, (SELECT key FROM asset WHERE asset.asset_id = finding.asset_id) AS asset_key"
_COLUMNS = ("asset_id", "finding_id", "id", "state", "reason", "until", "decided_by", "decided_at")


async def hold(tx: Tx, finding_id: UUID) -> tuple[Finding, str] | None:
    """Return the finding, held, and the key of its asset; None when there is none of this id."""
    row = await tx.fetchrow(f"{_WITH_ASSET} FROM finding WHERE id = $1 FOR UPDATE", finding_id)
    return None if row is None else (as_finding(row), row["asset_key"])


async def hold_matching(tx: Tx, criteria: Criteria, limit: int, among: Sequence[UUID] | None = None) -> Held:
    """Return at most ``limit`` findings that meet the criteria, held, in the order in which all rows are locked.

    Where ``among`` is given, only those with these ids.
    """
    arguments = Arguments()
    where = _where(criteria, arguments)
    if among is not None:
        where += f" AND id = ANY ({arguments.add(list(among))}::uuid[])"
    rows = await tx.fetch(
        f"{_WITH_ASSET} FROM finding WHERE {where} ORDER BY asset_id, id LIMIT {arguments.add(limit)} FOR UPDATE",
        *arguments.values,
    )
    return [(as_finding(row), row["asset_key"]) for row in rows]


async def count_matching(tx: Tx, criteria: Criteria) -> dict[str, int]:
    """Count the findings that meet the criteria by class."""
    arguments = Arguments()
    where = _where(criteria, arguments)
    rows = await tx.fetch(
        f"SELECT risk_class, count(*) AS number FROM finding WHERE {where} GROUP BY risk_class", *arguments.values
    )
    return {row["risk_class"]: row["number"] for row in rows}


async def keep_preview(tx: Tx, criteria: Criteria, limit: int, *, by: str, asked: dict[str, Any]) -> UUID | None:
    """Keep which findings meet the criteria now, for a day; return the preview's id, None when they are more."""
    arguments = Arguments()
    where = _where(criteria, arguments)
    rows = await tx.fetch(f"SELECT id FROM finding WHERE {where} LIMIT {arguments.add(limit + 1)}", *arguments.values)
    if len(rows) > limit:
        return None
    await tx.execute("DELETE FROM decision_preview WHERE at < now() - interval '1 day'")
    made: UUID = await tx.fetchval(
        """
        INSERT INTO decision_preview (id, at, made_by, filter, findings)
        VALUES (gen_random_uuid(), now(), $1, $2::json, $3) RETURNING id
        """,
        by,
        orjson.dumps(asked, option=orjson.OPT_SORT_KEYS).decode(),
        [row["id"] for row in rows],
    )
    return made


async def find_preview(tx: Tx, preview_id: UUID) -> tuple[dict[str, Any], list[UUID]] | None:
    """Return the filter that was previewed and the ids of what it named; None when it is not known any more."""
    row = await tx.fetchrow("SELECT filter, findings FROM decision_preview WHERE id = $1", preview_id)
    return None if row is None else (orjson.loads(row["filter"]), row["findings"])


async def hold_ended(tx: Tx, limit: int) -> Held:
    """Return findings whose decision has ended, held; what others have in hand is passed over."""
    rows = await tx.fetch(
        f"""
        {_WITH_ASSET} FROM finding WHERE decided_until <= now()
        ORDER BY decided_until LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    return [(as_finding(row), row["asset_key"]) for row in rows]


async def record(
    tx: Tx,
    findings: Iterable[Finding],
    *,
    decision_id: UUID,
    state: str,
    reason: str,
    until: datetime | None,
    by: str,
    at: datetime,
) -> None:
    """Record one decision on all of these findings."""
    rows = [(finding.asset_id, finding.id, decision_id, state, reason, until, by, at) for finding in findings]
    await tx.copy("decision", _COLUMNS, rows)


async def of_finding(tx: Tx, asset_id: UUID, finding_id: UUID) -> list[Record]:
    """Return the finding's decisions, the oldest first."""
    return await tx.fetch(
        """
        SELECT id, state, reason, until, decided_by, decided_at FROM decision
        WHERE asset_id = $1 AND finding_id = $2 ORDER BY decided_at, id
        """,
        asset_id,
        finding_id,
    )


def _where(criteria: Criteria, arguments: Arguments) -> str:
    conditions = [
        *facet_conditions(criteria, arguments),
        *finding_conditions(criteria, arguments),
        *team_condition(criteria, arguments),
    ]
    return " AND ".join(conditions) or "true"
