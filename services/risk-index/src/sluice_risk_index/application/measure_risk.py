"""Measure the risk metrics in the background, so that a scrape costs nothing."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from sluice_risk_index import metrics
from sluice_risk_index.domain.catalogue import TRIAGE
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.measures import Level, Measures
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.risk import risk_index
from sluice_risk_index.storage import portfolio, snapshots
from sluice_risk_index.storage.portfolio import OpenCount
from sluice_shared.db import Database

_MEANS_OVER = timedelta(days=90)
_COVERED_WITHIN = timedelta(days=30)
_MEANS_EVERY = 300.0


class MeasureRisk:
    """Sets the gauges. Counts are taken at each call; means, which read more, every five minutes."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force
        self._means_at = -_MEANS_EVERY

    async def __call__(self) -> int:
        """Return 0: there is never more to do. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            counts = await portfolio.count_open(tx)
            covered = await portfolio.covered_assets(tx, _COVERED_WITHIN)
            measured = await snapshots.latest(tx, Level.TEAM)
        open_by: Counter[tuple[str, ...]] = Counter()
        sla_by: Counter[tuple[str, ...]] = Counter()
        excused_by: Counter[tuple[str, ...]] = Counter()
        for count in counts:
            if count.excused:
                excused_by[count.decision, count.team, count.tier] += count.number
                continue
            open_by[count.risk_class, count.severity, count.team, count.tier] += count.number
            sla_by[count.sla_state, count.team, count.tier] += count.number
        metrics.replace_series(metrics.FINDINGS_OPEN, open_by)
        metrics.replace_series(metrics.FINDINGS_SLA, sla_by)
        metrics.replace_series(metrics.FINDINGS_EXCUSED, excused_by)
        metrics.replace_series(
            metrics.ASSETS_COVERED, {(row["practice"], row["team"]): row["number"] for row in covered}
        )
        metrics.FINDINGS_UNOWNED.set(
            sum(count.number for count in counts if count.team == TRIAGE and not count.excused)
        )
        metrics.replace_series(metrics.RISK_INDEX, self._indexes(counts))
        metrics.replace_series(metrics.BASELINE, _baselines(measured))
        await self._measure_means()
        return 0

    def _indexes(self, counts: Iterable[OpenCount]) -> dict[tuple[str, ...], float]:
        sums: dict[str, dict[RiskClass, float]] = defaultdict(lambda: defaultdict(float))
        for count in counts:
            if not count.excused:
                sums[count.team][RiskClass(count.risk_class)] += count.score_sum
        weights = self._in_force().rules.policy.index.weights
        return {(team,): risk_index(by_class, weights) for team, by_class in sums.items()}

    async def _measure_means(self) -> None:
        if time.monotonic() - self._means_at < _MEANS_EVERY:
            return
        async with self._database.transaction(read_only=True) as tx:
            resolved = await portfolio.mean_times_to_resolve(tx, _MEANS_OVER)
            detected = await portfolio.mean_times_to_detect(tx, _MEANS_OVER)
        for gauge, rows in ((metrics.MTTR_SECONDS, resolved), (metrics.MTTD_SECONDS, detected)):
            metrics.replace_series(gauge, {(row["risk_class"], row["team"]): row["seconds"] for row in rows})
        self._means_at = time.monotonic()


def _baselines(measured: Mapping[str, tuple[datetime, Measures]]) -> dict[tuple[str, ...], float]:
    series: dict[tuple[str, ...], float] = {}
    for team, (_, measures) in measured.items():
        if measures.baseline is not None:
            series["initial", team] = measures.baseline.initial
            series["remaining", team] = measures.baseline.remaining
            series["ideal", team] = measures.baseline.ideal
    return series
