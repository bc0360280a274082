"""Take the day's snapshot of the index, by asset, team and programme: one row a group, however many findings it has."""

from collections.abc import Callable
from datetime import timedelta

from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.measures import Flow, Level, Measures, Standing, grouping_of
from sluice_risk_index.storage import measures, snapshots
from sluice_shared.db import Database, Tx

LEVELS = tuple(Level)


class SnapshotIndex:
    """Renews the present day's snapshot; the last one of a day stays. Replicas leave it to whoever is first."""

    def __init__(
        self, database: Database, in_force: Callable[[], InForce], *, every: timedelta, kept_days: int
    ) -> None:
        self._database = database
        self._in_force = in_force
        self._every = every
        self._kept_days = kept_days

    async def __call__(self) -> int:
        """Return 0: there is never more to do. Raises Unavailable."""
        await self._database.run(self._snapshot)
        return 0

    async def _snapshot(self, tx: Tx) -> None:
        now = await snapshots.due(tx, self._every)
        if now is None:
            return
        rules = self._in_force().rules
        grouping = grouping_of(rules, now)
        standing = await measures.standing(tx, LEVELS, grouping, rules.policy.index.weights)
        flow = await measures.flow(tx, LEVELS, grouping)
        measured = {key: Measures(standing.get(key, Standing()), flow.get(key, Flow())) for key in {*standing, *flow}}
        # Nothing is a measure, too, and says that it was taken.
        measured.setdefault((Level.ALL, ""), Measures())
        await snapshots.write(tx, measured, now)
        await snapshots.prune(tx, self._kept_days)
