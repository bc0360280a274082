"""Measure the whole portfolio, and each team's part: open findings by class, severity and SLA state, and the index."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.domain.catalogue import TRIAGE
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.risk import risk_index
from sluice_risk_index.storage import portfolio
from sluice_risk_index.storage.portfolio import OpenCount
from sluice_shared.auth import Principal
from sluice_shared.db import Database


@dataclass(slots=True)
class Totals:
    """Open findings, counted; those that a decision or an exception excuses only in ``excused``.

    ``index`` is the risk-weighted index (:mod:`sluice_risk_index.domain.risk`).
    """

    open: int = 0
    by_class: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_severity: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_sla: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    excused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    index: float = 0.0


@dataclass(slots=True)
class TeamTotals:
    """A team of the catalogue, or one that only findings name."""

    name: str
    title: str | None
    tier: str
    assets: int
    totals: Totals


@dataclass(slots=True)
class Portfolio:
    """All of it; ``unowned`` are the findings that wait in triage."""

    assets: int
    unowned: int
    totals: Totals
    teams: list[TeamTotals]
    policy_version: str


class MeasurePortfolio:
    """Counts at the moment of asking."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def __call__(self, principal: Principal) -> Portfolio:
        """Return the totals over what the caller may see; teams by falling index. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            visible = await visible_assets(tx, principal)
            counts = await portfolio.count_open(tx, visible)
            assets = await portfolio.assets_per_team(tx, visible)
        rules = self._in_force().rules
        weights = rules.policy.index.weights
        by_team: dict[str, list[OpenCount]] = defaultdict(list)
        for count in counts:
            by_team[count.team].append(count)
        teams = []
        for name in {*rules.catalogue.teams, *by_team, *assets}:
            known = rules.catalogue.teams.get(name)
            tier = known.tier if known and known.tier else rules.policy.default_tier
            totals = add_up(by_team[name], weights)
            teams.append(TeamTotals(name, known.title if known else None, tier, assets.get(name, 0), totals))
        teams.sort(key=lambda team: (-team.totals.index, team.name))
        return Portfolio(
            assets=sum(assets.values()),
            unowned=sum(count.number for count in by_team[TRIAGE] if not count.excused),
            totals=add_up(counts, weights),
            teams=teams,
            policy_version=rules.version,
        )


def add_up(counts: Iterable[OpenCount], weights: dict[RiskClass, float]) -> Totals:
    """Add up counts into totals."""
    totals = Totals()
    sums: dict[RiskClass, float] = defaultdict(float)
    for count in counts:
        if count.excused:
            totals.excused[count.decision] += count.number
            continue
        totals.open += count.number
        totals.by_class[count.risk_class] += count.number
        totals.by_severity[count.severity] += count.number
        totals.by_sla[count.sla_state] += count.number
        sums[RiskClass(count.risk_class)] += count.score_sum
    totals.index = risk_index(sums, weights)
    return totals
