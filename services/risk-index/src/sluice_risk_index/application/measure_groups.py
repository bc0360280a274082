"""Measure the parts of the portfolio: its assets, teams or programmes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sluice_risk_index.application.visibility import Visible, visible_assets
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.measures import Flow, Grouping, Level, Measures, Standing, grouping_of, programmes_of
from sluice_risk_index.errors import UnknownGroupError
from sluice_risk_index.storage import measures, portfolio, snapshots
from sluice_shared.auth import Principal
from sluice_shared.db import Database, Record, Tx


@dataclass(frozen=True, slots=True)
class About:
    """Who an asset, a team or a programme is; fields that make no sense for its level are None."""

    name: str
    title: str | None = None
    team: str | None = None
    tier: str | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group and its measures. ``flow_at`` is when what happened was measured; the rest is of this moment."""

    about: About
    measures: Measures
    flow_at: datetime


class MeasureGroups:
    """Open findings are counted at the moment of asking; what took place in the window is of the last snapshot."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def __call__(self, principal: Principal, level: Level) -> list[Group]:
        """Return all groups of a level that the caller may see, by falling index. Raises Unavailable."""
        rules = self._in_force().rules
        async with self._database.transaction(read_only=True) as tx:
            visible = await visible_assets(tx, principal)
            now = await tx.fetchval("SELECT now()")
            grouping = grouping_of(rules, now)
            standing = await measures.standing(tx, [level], grouping, rules.policy.index.weights, visible)
            flow = await _flow(tx, level, grouping, visible, now)
            known = await self._known(tx, level, visible)
        groups = [
            Group(about, Measures(standing.get((level, name), Standing()), happened), at)
            for name, about in (known | self._unlisted(level, known, standing)).items()
            for at, happened in [flow.get(name, (now, Flow()))]
        ]
        return sorted(groups, key=lambda group: (-group.measures.standing.index, group.about.name))

    async def _known(self, tx: Tx, level: Level, visible: Visible) -> dict[str, About]:
        """Return what is known of each group, by the name that measures have for it."""
        catalogue = self._in_force().rules.catalogue
        if level is Level.ASSET:
            rows = await portfolio.asset_heads(tx, visible)
            return {row["asset_id"].hex: self._asset(row) for row in rows}
        if level is Level.ALL:
            return {"": About("")}
        if level is Level.PROGRAMME:
            return {name: About(name, programme=name) for name in programmes_of(catalogue)}
        return {
            team.name: About(
                team.name,
                title=team.title,
                team=team.name,
                tier=team.tier or self._in_force().rules.policy.default_tier,
                programme=team.programme,
            )
            for team in catalogue.teams.values()
        }

    def _asset(self, row: Record) -> About:
        team = self._in_force().rules.catalogue.teams.get(row["team"])
        programme = team.programme if team else None
        return About(row["key"], title=row["title"], team=row["team"], tier=row["tier"], programme=programme)

    def _unlisted(
        self, level: Level, known: dict[str, About], standing: dict[measures.Key, Standing]
    ) -> dict[str, About]:
        """Return the teams that only findings name, such as triage."""
        if level is not Level.TEAM:
            return {}
        tier = self._in_force().rules.policy.default_tier
        return {name: About(name, team=name, tier=tier) for _, name in standing if name not in known}


class ReadTrend:
    """Snapshots of a group, day by day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, principal: Principal, level: Level, name: str, days: int) -> list[tuple[Record, Measures]]:
        """Return the days that were measured, the oldest first.

        Raises UnknownGroupError where there is none, or where the caller may not see the whole of the group.
        """
        may_see = principal.covers(name) if level is Level.ASSET else not principal.assets
        if not may_see:
            raise UnknownGroupError(level, name)
        async with self._database.transaction(read_only=True) as tx:
            asset = await portfolio.find_asset(tx, name) if level is Level.ASSET else None
            key = name if asset is None else asset["asset_id"].hex
            found = await snapshots.trend(tx, level, key, days)
        if not found and level is not Level.ALL:
            raise UnknownGroupError(level, name)
        return found


async def _flow(
    tx: Tx, level: Level, grouping: Grouping, visible: Visible, now: datetime
) -> dict[str, tuple[datetime, Flow]]:
    """Read the last snapshot; a caller who may see some assets only has theirs measured."""
    if visible is None:
        return {name: (at, each.flow) for name, (at, each) in (await snapshots.latest(tx, level)).items()}
    measured = await measures.flow(tx, [level], grouping, visible)
    return {name: (now, each) for (_, name), each in measured.items()}
