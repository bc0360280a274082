"""Publish the alerts that are due; they stay due until notifier says that it has them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sluice_risk_index import metrics
from sluice_risk_index.domain.alerts import batch_body
from sluice_risk_index.storage import alerts
from sluice_risk_index.storage.alerts import DueAlert
from sluice_shared.bus import Bus
from sluice_shared.contracts.topics import ALERT_RECEIPTS, ALERTS
from sluice_shared.db import Database, Tx
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger

BATCH = 1_000
PER_EVENT = 100
ALONE_FROM = 2
"""Publications without a receipt after which an alert travels alone."""
_CLOCKS = timedelta(seconds=5)
"""How far apart the clocks of Redis and of the database may be."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """When an alert without a receipt is published again: after ``base`` seconds, doubled each time up to ``cap``.

    After ``most`` publications it is stuck: it rests until somebody has it replayed.
    """

    base: float = 15.0
    cap: float = 900.0
    most: int = 20


class PublishAlerts:
    """One call publishes a batch of due alerts, by team; at most ``in_line`` events are left waiting for notifier."""

    def __init__(self, database: Database, bus: Bus, patience: Patience | None = None, *, in_line: int = 1_000) -> None:
        self._database = database
        self._bus = bus
        self._patience = patience or Patience()
        self._in_line = in_line

    async def __call__(self) -> int:
        """Return how many alerts were published. Raises Unavailable; what was not published is due again soon."""
        waiting = await self._bus.backlog(ALERTS)
        receipts = await self._bus.backlog(ALERT_RECEIPTS)
        oldest = max((lag.oldest_seconds for lag in (waiting, receipts) if lag.length), default=None)
        # What was published since the oldest event that still waits may still wait, too.
        since = None if oldest is None else timedelta(seconds=oldest) + _CLOCKS
        due = await self._database.run(
            lambda tx: self._claim(tx, since, limit=0 if waiting.length >= self._in_line else BATCH)
        )
        await self._publish(_events(due))
        return len(due)

    async def after_loss(self) -> None:
        """Make due what had been published, since Redis has lost it. Raises Unavailable when the database is away."""
        lost = await self._database.run(alerts.lose_publications)
        if lost:
            log.warning("published alerts are due again, since redis has lost them", count=lost)

    async def count_stuck(self) -> int:
        """Count the alerts that are stuck, for the metric. Returns 0."""
        async with self._database.transaction(read_only=True) as tx:
            metrics.ALERTS_STUCK.set(await alerts.count_stuck(tx))
        return 0

    async def _claim(self, tx: Tx, since: timedelta | None, *, limit: int) -> list[DueAlert]:
        if since is not None:
            await alerts.keep_waiting(tx, since, seconds=self._patience.base, limit=BATCH)
        stuck = await alerts.give_up(tx, most=self._patience.most, limit=BATCH)
        if stuck:
            log.error(
                "alerts are stuck: notifier has not confirmed them", count=stuck, publications=self._patience.most
            )
        return await alerts.claim_due(tx, limit=limit) if limit else []

    async def _publish(self, events: Sequence[Sequence[DueAlert]]) -> None:
        base, cap = self._patience.base, self._patience.cap
        for number, event in enumerate(events):
            try:
                body = batch_body([alert.payload for alert in event])
                await self._bus.publish(ALERTS, body, key=event[0].team)
            except Unavailable:
                left = [alert.id for later in events[number:] for alert in later]
                await self._database.run(partial(alerts.postpone, ids=left))
                raise
            published = [alert.id for alert in event]
            await self._database.run(partial(alerts.note_published, ids=published, base=base, cap=cap))


def _events(due: Sequence[DueAlert]) -> list[list[DueAlert]]:
    """Put alerts of one team together; those that went unconfirmed repeatedly go alone.

    So one that notifier cannot take does not keep others from it for ever.
    """
    alone = [[alert] for alert in due if alert.attempts >= ALONE_FROM]
    by_team: dict[str, list[DueAlert]] = defaultdict(list)
    for alert in due:
        if alert.attempts < ALONE_FROM:
            by_team[alert.team].append(alert)
    return alone + [
        several[start : start + PER_EVENT]
        for several in by_team.values()
        for start in range(0, len(several), PER_EVENT)
    ]
