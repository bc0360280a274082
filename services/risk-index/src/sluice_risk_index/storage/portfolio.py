"""Counts over the whole portfolio, its assets and its teams."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sluice_risk_index.domain.triage import EXCUSED
from sluice_shared.db import Record, Tx


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many open findings of one team are of one kind in every respect that is counted; scores added up."""

    team: str
    tier: str
    risk_class: str
    severity: str
    sla_state: str
    decision: str
    number: int
    score_sum: float

    @property
    def excused(self) -> bool:
        """Whether a decision or an exception lets them be."""
        return self.decision in EXCUSED


async def count_open(tx: Tx, visible: Sequence[UUID] | None = None) -> list[OpenCount]:
    """Count the open findings, in one pass over an index; over some assets only, where ``visible`` names them."""
    where, arguments = ("", []) if visible is None else ("AND asset_id = ANY ($1)", [list(visible)])
    rows = await tx.fetch(
        f"""
        SELECT c.team, f.tier, f.risk_class, f.severity, f.sla_state, f.decision,
            sum(c.number)::bigint, sum(c.score_sum)
        FROM (
            SELECT team, facet, count(*) AS number, sum(score) AS score_sum FROM finding
            WHERE status = 'open' {where} GROUP BY team, facet
        ) AS c JOIN facet f ON f.id = c.facet
        GROUP BY 1, 2, 3, 4, 5, 6
        """,
        *arguments,
    )
    return [OpenCount(*row) for row in rows]


async def visible_assets(tx: Tx) -> list[Record]:
    """Return id and key of every asset, for callers that may see some only."""
    return await tx.fetch("SELECT asset_id, key FROM asset")


async def asset_heads(tx: Tx, visible: Sequence[UUID] | None) -> list[Record]:
    """Return who every asset is and whose."""
    return await tx.fetch(
        "SELECT asset_id, key, title, team, tier FROM asset WHERE $1::uuid[] IS NULL OR asset_id = ANY ($1)",
        None if visible is None else list(visible),
    )


async def list_assets(
    tx: Tx, *, after: str, limit: int, teams: Sequence[str], visible: Sequence[UUID] | None
) -> list[Record]:
    """Return assets in the order of their keys, from ``after`` on."""
    return await tx.fetch(
        """
        SELECT * FROM asset WHERE key > $1 AND (cardinality($2::text[]) = 0 OR team = ANY ($2))
            AND ($3::uuid[] IS NULL OR asset_id = ANY ($3))
        ORDER BY key LIMIT $4
        """,
        after,
        list(teams),
        None if visible is None else list(visible),
        limit,
    )


async def called(tx: Tx, keys: Sequence[str]) -> list[UUID]:
    """Return the assets that are or were called so."""
    rows = await tx.fetch("SELECT asset_id FROM asset WHERE key = ANY ($1) OR aliases && $1::text[]", list(keys))
    return [row["asset_id"] for row in rows]


async def find_asset(tx: Tx, key: str) -> Record | None:
    """Return the asset that is or was called so; None when no scan of it has been indexed."""
    return await tx.fetchrow(
        "SELECT * FROM asset WHERE key = $1 OR aliases @> ARRAY[$1] ORDER BY key = $1 DESC LIMIT 1", key
    )


async def count_by_asset(tx: Tx, assets: Sequence[UUID]) -> list[Record]:
    """Count the open findings of these assets by class, with their scores added up; without those excused."""
    return await tx.fetch(
        """
        SELECT asset_id, risk_class, count(*) AS number, sum(score) AS score_sum FROM finding
        WHERE asset_id = ANY ($1) AND status = 'open' AND decision <> ALL ($2) GROUP BY asset_id, risk_class
        """,
        list(assets),
        sorted(EXCUSED),
    )


async def coverage_of(tx: Tx, assets: Sequence[UUID]) -> list[Record]:
    """Return what was last scanned when, of these assets."""
    return await tx.fetch(
        """
        SELECT asset_id, scanner, kind, ref, commit, last_scan_at FROM coverage
        WHERE asset_id = ANY ($1) ORDER BY asset_id, scanner, kind, ref
        """,
        list(assets),
    )


async def assets_per_team(tx: Tx, visible: Sequence[UUID] | None) -> dict[str, int]:
    """Count the assets of each owning team."""
    rows = await tx.fetch(
        "SELECT team, count(*) AS number FROM asset WHERE $1::uuid[] IS NULL OR asset_id = ANY ($1) GROUP BY team",
        None if visible is None else list(visible),
    )
    return {row["team"]: row["number"] for row in rows}


async def covered_assets(tx: Tx, within: timedelta) -> list[Record]:
    """Count, by kind of problem or proved practice and by owning team, the assets with a recent scan or proof."""
    return await tx.fetch(
        """
        SELECT c.practice, a.team, count(DISTINCT a.asset_id) AS number
        FROM (
            SELECT asset_id, kind AS practice FROM coverage
            WHERE last_scan_at > now() - $1::interval AND kind <> ''
            UNION ALL SELECT asset_id, practice FROM proof WHERE made_at > now() - $1::interval
        ) AS c JOIN asset a USING (asset_id) GROUP BY c.practice, a.team
        """,
        within,
    )


async def mean_times_to_resolve(tx: Tx, within: timedelta) -> list[Record]:
    """Mean seconds from opening to end, by class and team, of what ended within the time."""
    return await tx.fetch(
        """
        SELECT risk_class, team, avg(extract(epoch FROM resolved_at - opened_at))::float8 AS seconds FROM finding
        WHERE status = 'resolved' AND resolved_at > now() - $1::interval GROUP BY risk_class, team
        """,
        within,
    )


async def mean_times_to_detect(tx: Tx, within: timedelta) -> list[Record]:
    """Mean seconds by class and team from when it could be found to when it was, of what was found within the time.

    It could be found once it was public and the asset was watched.
    """
    return await tx.fetch(
        """
        SELECT f.risk_class, f.team,
            avg(greatest(extract(epoch FROM f.first_seen_at - greatest(f.published_at, a.first_seen_at)), 0))::float8
                AS seconds
        FROM finding f JOIN asset a USING (asset_id)
        WHERE f.published_at IS NOT NULL AND f.first_seen_at > now() - $1::interval GROUP BY f.risk_class, f.team
        """,
        within,
    )
