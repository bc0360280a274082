"""List the receivers and how each does; their options, which name secrets, are not shown."""

from collections.abc import Callable
from dataclasses import dataclass

from sluice_notifier.domain.receivers import Receiver, Routes
from sluice_notifier.storage import deliveries
from sluice_notifier.storage.deliveries import LastOutcome
from sluice_shared.db import Database


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """A receiver, and how its last delivery went."""

    receiver: Receiver
    last: LastOutcome


class ListReceivers:
    """The use case."""

    def __init__(self, database: Database, routes: Callable[[], Routes]) -> None:
        self._database = database
        self._routes = routes

    async def __call__(self) -> list[ReceiverState]:
        """Return them by name."""
        receivers = self._routes().receivers
        async with self._database.transaction(read_only=True) as tx:
            outcomes = await deliveries.last_outcomes(tx, sorted(receivers))
        return [ReceiverState(receivers[last.receiver], last) for last in sorted(outcomes, key=lambda o: o.receiver)]
