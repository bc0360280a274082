"""Take the SLA steps whose time has come, and raise their alerts in the same transaction."""

import asyncio

from sluice_risk_index.application.writing import Writer
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.sla import Step
from sluice_risk_index.storage import alerts, timers
from sluice_shared.db import Tx

BATCH = 1_000
AT_ONCE = 3
"""Batches in work when there are many, so that one is computed while the database writes another."""


class SweepTimers(Writer):
    """Takes batches of due findings that nobody else has in hand; the database's clock decides what is due."""

    async def __call__(self) -> int:
        """Return how many findings took a step; there may be more. Raises Unavailable."""
        taken = await self._commit(self._sweep)
        if taken == BATCH:
            more = await asyncio.gather(*(self._commit(self._sweep) for _ in range(AT_ONCE)), return_exceptions=True)
            for result in more:
                if isinstance(result, BaseException):
                    raise result
                taken += result
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
