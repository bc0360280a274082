"""Measure what is due, for the metrics."""

from sluice_ingest.application.clock import Clock
from sluice_ingest.metrics import DUE, OLDEST_DUE_SECONDS, STUCK
from sluice_ingest.storage import outbox
from sluice_shared.db import Database


class MeasureBacklog:
    """The use case; called whenever metrics are read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self) -> None:
        """Set the gauges; raises Unavailable when the database is away; the gauges then keep their last values."""
        async with self._database.transaction(read_only=True) as tx:
            backlog = await outbox.backlog(tx)
            DUE.set(backlog.due)
        STUCK.set(backlog.stuck)
        OLDEST_DUE_SECONDS.set((self._clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0)
