"""Take the SLA steps whose time has come, and raise their alerts in the same transaction."""

import asyncio
from collections.abc import Callable

from sluice_risk_index import metrics
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.sla import Step
from sluice_risk_index.storage import alerts, timers
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.db import Database, Tx

BATCH = 1_000
AT_ONCE = 3
"""Batches in work when there are many, so that one is computed while the database writes another."""


class SweepTimers:
    """Takes batches of due findings that nobody else has in hand; the database's clock decides what is due."""

    def __init__(
        self,
        database: Database,
        facets: FacetBook,
        in_force: Callable[[], InForce],
        alerts_raised: Callable[[], None],
    ) -> None:
        self._database = database
        self._facets = facets
        self._in_force = in_force
        self._alerts_raised = alerts_raised

    async def __call__(self) -> int:
        """Return how many findings took a step; there may be more. Raises Unavailable."""
        taken = await self._batch()
        if taken == BATCH:
            more = await asyncio.gather(*(self._batch() for _ in range(AT_ONCE)), return_exceptions=True)
            for result in more:
                if isinstance(result, BaseException):
                    raise result
                taken += result
        return taken

    async def _batch(self) -> int:
        taken, raised = await self._database.run(self._sweep)
        metrics.count_alerts(raised)
        if raised:
            self._alerts_raised()
        return taken

    async def _sweep(self, tx: Tx) -> tuple[int, list[str]]:
        in_force = self._in_force()
        claimed = await timers.claim_due(tx, BATCH)
        if not claimed:
            return 0, []
        due, (now, *_) = zip(*claimed, strict=True)
        steps: list[tuple[Finding, Step]] = []
        for finding in due:
            if finding.deadline is None:
                finding.next_timer_at = None
                continue
            progress, step = in_force.schedule.advance(finding.deadline, finding.timer_reached, now)
            finding.sla_state = progress.state
            finding.timer_reached = progress.reached
            finding.next_timer_at = progress.next_at
            if step is not None:
                steps.append((finding, step))
        await self._facets.number(tx, due)
        await timers.advance(tx, due)
        keys = await timers.keys_of(tx, list({finding.asset_id for finding, _ in steps}))
        written = [in_force.alerts.on_step(finding, keys[finding.asset_id], step, now) for finding, step in steps]
        return len(due), await alerts.insert_alerts(tx, written)
