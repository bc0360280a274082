"""Publish what people changed about identities, again and again until risk-index has sent its receipt.

An action is its own outbox, as a report and an alert are: what nobody confirms comes again with growing pauses, a
bounded number of times. Then it is stuck: it rests until somebody has it replayed.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.metrics import ACTIONS_STUCK
from sluice_normaliser.storage import actions, scopes
from sluice_normaliser.storage.actions import DueAction
from sluice_shared.bus import Bus
from sluice_shared.contracts.topics import FINDINGS, REPORT_RECEIPTS
from sluice_shared.db import Database
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger
from sluice_shared.sweeper import backoff

BATCH = 20
_CLOCKS = timedelta(seconds=5)
"""How far apart the clocks of Redis and of the database may be."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """When an action without a receipt is published again: after ``base`` seconds, doubled each time up to ``cap``.

    After ``most`` publications it is stuck.
    """

    base: float = 10.0
    cap: float = 900.0
    most: int = 20


class PublishActions:
    """The sweeper's work, and the end of it when a receipt comes."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        publisher: Publisher,
        patience: Patience | None = None,
        *,
        in_line: int = 200,
    ) -> None:
        self._database = database
        self._bus = bus
        self._publisher = publisher
        self._patience = patience or Patience()
        self._in_line = in_line

    async def publish(self, action_id: UUID) -> None:
        """Publish an action that has just been taken. While Redis is away that is left to the sweeper."""
        try:
            await self._publish(DueAction(action_id, 0))
        except Unavailable as away:
            log.warning("a change of identity waits for the bus", action_id=str(action_id), reason=str(away))

    async def __call__(self) -> int:
        """Publish what is due; returns how many. Raises Unavailable; what was not published is due again soon."""
        waiting = await self._bus.backlog(FINDINGS)
        receipts = await self._bus.backlog(REPORT_RECEIPTS)
        oldest = max((lag.oldest_seconds for lag in (waiting, receipts) if lag.length), default=None)
        async with self._database.transaction() as tx:
            if oldest is not None:
                # What was published since the oldest event that still waits may still wait, too.
                since = timedelta(seconds=oldest) + _CLOCKS
                await actions.keep_waiting(tx, since, seconds=self._patience.base, limit=BATCH)
            stuck = await actions.give_up(tx, most=self._patience.most)
            due = [] if waiting.length >= self._in_line else await actions.claim_due(tx, limit=BATCH)
        for action_id in stuck:
            log.error(
                "a change of identity is stuck: risk-index has not confirmed it",
                action_id=str(action_id),
                publications=self._patience.most,
            )
        for number, action in enumerate(due):
            try:
                await self._publish(action)
            except Unavailable:
                left = [later.action_id for later in due[number:]]
                await self._database.run(partial(actions.postpone, ids=left))
                raise
        return len(due)

    async def settle(self, action_id: UUID) -> None:
        """Take a receipt; one of a report is none of ours. Raises Unavailable."""
        await self._database.run(lambda tx: actions.settle(tx, action_id))

    async def set_apart(self, action_id: UUID, why: str | None) -> None:
        """Rest an action whose event risk-index set apart: it would end its consumers again. Raises Unavailable."""
        if await self._database.run(lambda tx: actions.rest(tx, action_id)):
            log.error("a change of identity is stuck", action_id=str(action_id), reason=why)

    async def after_loss(self) -> None:
        """Make due what had been published, since Redis has lost it. Raises Unavailable when the database is away."""
        lost = await self._database.run(actions.lose_publications)
        if lost:
            log.warning("published changes of identity are due again, since redis has lost them", count=lost)

    async def count_stuck(self) -> int:
        """Count the actions that are stuck, for the metric. Returns 0."""
        async with self._database.transaction(read_only=True) as tx:
            ACTIONS_STUCK.set(await actions.count_stuck(tx))
        return 0

    async def replay(self, *, by: str) -> int:
        """Make actions due again that were given up; return how many. Raises Unavailable."""
        count = await self._database.run(actions.replay_stuck)
        if count:
            log.info("stuck changes of identity replayed", count=count, by=by)
        return count

    async def _publish(self, action: DueAction) -> None:
        async with self._database.transaction(read_only=True) as tx:
            report = await scopes.find_report(tx, action.action_id)
        if report is not None:
            await self._publisher.publish(report, in_line=self._in_line)
        wait = timedelta(seconds=backoff(action.attempts + 1, base=self._patience.base, cap=self._patience.cap))
        await self._database.run(partial(actions.note_published, action_id=action.action_id, wait=wait))
