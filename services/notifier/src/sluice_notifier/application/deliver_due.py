"""Deliver what is due: claim, and send each message in a task of its own, so many at a time to one receiver."""

import asyncio
from collections import Counter
from collections.abc import Callable

from sluice_notifier.application.attempt_delivery import AttemptDelivery
from sluice_notifier.application.claim_due import ClaimDue
from sluice_notifier.application.clock import Clock
from sluice_notifier.domain.delivery import Claimed
from sluice_notifier.domain.receivers import Receiver, Routes
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class DeliverDue:
    """The use case. A call claims and returns how many it claimed; it does not wait for them to be sent.

    So a receiver that is slow holds up no other.
    """

    def __init__(
        self,
        database: Database,
        routes: Callable[[], Routes],
        claim: ClaimDue,
        attempt: AttemptDelivery,
        clock: Clock,
        *,
        at_once: int,
    ) -> None:
        self._database = database
        self._routes = routes
        self._claim = claim
        self._attempt = attempt
        self._clock = clock
        self._at_once = at_once
        self._in_hand: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake: Callable[[], None] = lambda: None

    def when_free(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called when a message is done, so that the next one does not wait for the next round."""
        self._wake = wake

    async def __call__(self) -> int:
        """Claim and begin to send. Raises Unavailable when the database is away."""
        routes = self._routes()
        free = {name: self._at_once - self._in_hand[name] for name in routes.receivers}
        async with self._database.transaction() as tx:
            claimed = await self._claim(tx, routes, free, self._clock())
        for one in claimed:
            self._begin(one, routes.receivers[one.message.receiver])
        return len(claimed)

    async def drain(self) -> None:
        """Wait until all that is in hand has ended."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        """Finish what is in hand; whoever stops us bounds the wait, and what is cut off comes again after its lease."""
        try:
            await self.drain()
        finally:
            for task in self._tasks:
                task.cancel()

    def _begin(self, claimed: Claimed, receiver: Receiver) -> None:
        self._in_hand[receiver.name] += 1
        task = asyncio.create_task(self._attempt(claimed, receiver), name=f"delivery-{claimed.message.id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, receiver.name))

    def _ended(self, task: asyncio.Task[None], receiver: str) -> None:
        self._tasks.discard(task)
        self._in_hand[receiver] -= 1
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("delivery ended in a fault; it comes again after its lease", receiver=receiver, exc_info=error)
        self._wake()
