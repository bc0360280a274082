"""Forget the accounting of emissions that nobody asks about any more."""

from datetime import timedelta
from functools import partial

from sluice_risk_index.storage import emissions
from sluice_shared.db import Database

KEPT = timedelta(days=1)


class PruneEmissions:
    """A report whose emission was forgotten before it was complete is published again by its owner anyway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> int:
        """Return how many were forgotten. Raises Unavailable."""
        return await self._database.run(partial(emissions.prune_emissions, older_than=KEPT))
