"""List assets with their open findings by class, what was scanned of them, and when."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.storage import portfolio
from sluice_shared.auth import Principal
from sluice_shared.db import Database, Record


@dataclass(slots=True)
class AssetSummary:
    """An asset; ``counts`` are its open findings by class, ``score_sums`` their scores added up."""

    asset: Record
    counts: dict[str, int] = field(default_factory=dict)
    score_sums: dict[str, float] = field(default_factory=dict)
    coverage: list[Record] = field(default_factory=list)


class ListAssets:
    """Assets in the order of their keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(
        self, principal: Principal, *, teams: Sequence[str], after: str, limit: int
    ) -> tuple[list[AssetSummary], str | None]:
        """Return at most ``limit`` assets after the key ``after``, and the key to go on after. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            visible = await visible_assets(tx, principal)
            rows = await portfolio.list_assets(tx, after=after, limit=limit + 1, teams=teams, visible=visible)
            page = rows[:limit]
            ids = [row["asset_id"] for row in page]
            counted = await portfolio.count_by_asset(tx, ids)
            covered = await portfolio.coverage_of(tx, ids)
        summaries: dict[UUID, AssetSummary] = {row["asset_id"]: AssetSummary(row) for row in page}
        for row in counted:
            summary = summaries[row["asset_id"]]
            summary.counts[row["risk_class"]] = row["number"]
            summary.score_sums[row["risk_class"]] = row["score_sum"]
        by_asset: dict[UUID, list[Record]] = defaultdict(list)
        for row in covered:
            by_asset[row["asset_id"]].append(row)
        for asset_id, coverage in by_asset.items():
            summaries[asset_id].coverage = coverage
        following = page[-1]["key"] if len(rows) > limit else None
        return list(summaries.values()), following
