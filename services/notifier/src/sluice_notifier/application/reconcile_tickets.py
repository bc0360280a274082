"""Look at tickets: note what their tracker says, and deal with those that were closed while findings are open."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sluice_notifier.application.clock import Clock
from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import HttpClient, Tools, scrub
from sluice_notifier.domain.message import Ticket
from sluice_notifier.domain.outcome import DeliveryError
from sluice_notifier.domain.receivers import Receiver, Routes
from sluice_notifier.metrics import TICKETS_CHECKED
from sluice_notifier.storage import tickets
from sluice_notifier.storage.tickets import DueTicket
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

_BATCH = 20
_AT_ONCE = 4
log = get_logger(__name__)


class ReconcileTickets:
    """The use case; a call handles one batch. ``interval`` lies between two looks at a ticket."""

    def __init__(
        self, database: Database, routes: Callable[[], Routes], http: HttpClient, clock: Clock, *, interval: timedelta
    ) -> None:
        self._database = database
        self._routes = routes
        self._http = http
        self._clock = clock
        self._interval = interval

    async def __call__(self) -> int:
        """Return how many tickets were looked at. Raises Unavailable when the database is away."""
        receivers = {
            name: receiver
            for name, receiver in self._routes().receivers.items()
            if registry()[receiver.channel].inspect is not None
        }
        if not receivers:
            return 0
        now = self._clock()
        async with self._database.transaction() as tx:
            due = await tickets.claim_due(
                tx, now, receivers=list(receivers), leased_until=now + self._interval, limit=_BATCH
            )
            known = await tickets.find(tx, [(one.receiver, one.key) for one in due]) if due else {}
        turn = asyncio.Semaphore(_AT_ONCE)

        async def look(one: DueTicket) -> None:
            async with turn:
                await self._look(one, known[one.receiver, one.key], receivers[one.receiver])

        await asyncio.gather(*(look(one) for one in due))
        return len(due)

    async def _look(self, due: DueTicket, ticket: Ticket, receiver: Receiver) -> None:
        inspect = registry()[receiver.channel].inspect
        if inspect is None:
            return
        try:
            state = await inspect(ticket, due.was_done, receiver.options, Tools(self._http, self._clock()))
        except DeliveryError as error:
            TICKETS_CHECKED.labels(receiver.name, error.reason.value).inc()
            detail = scrub(error.detail, receiver.options)
            log.warning(
                "ticket not seen", receiver=receiver.name, ticket=ticket.ref, reason=error.reason.value, detail=detail
            )
            return
        TICKETS_CHECKED.labels(receiver.name, "seen").inc()
        now = self._clock()
        async with self._database.transaction() as tx:
            await tickets.save(tx, receiver.name, due.key, state, now, next_check_at=now + self._interval)
