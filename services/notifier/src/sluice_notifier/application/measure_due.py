"""Measure what is due, for the metrics."""

from collections.abc import Callable

from sluice_notifier.domain.receivers import Routes
from sluice_notifier.metrics import DELIVERIES_DUE
from sluice_notifier.storage import outbox
from sluice_shared.db import Database


class MeasureDue:
    """The use case."""

    def __init__(self, database: Database, routes: Callable[[], Routes]) -> None:
        self._database = database
        self._routes = routes

    async def __call__(self) -> None:
        """Set the gauge of each receiver. Raises Unavailable when the database is away."""
        async with self._database.transaction(read_only=True) as tx:
            due = await outbox.due_counts(tx)
        for name in {*self._routes().receivers, *due}:
            DELIVERIES_DUE.labels(name).set(due.get(name, 0))
