"""Publish due changes of identity again, until risk-index has sent its receipt."""

from datetime import timedelta
from uuid import UUID

from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.storage import identity, scopes
from sluice_shared.db import Database

BATCH = 20
AGAIN_IN = timedelta(seconds=10)


class RepublishActions:
    """The sweeper's work, and the end of it when a receipt comes."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def __call__(self) -> int:
        """Publish what is due; returns how many. Raises Unavailable."""
        claimed = await self._database.run(lambda tx: identity.claim_due_actions(tx, limit=BATCH, again_in=AGAIN_IN))
        for action_id in claimed:
            async with self._database.transaction(read_only=True) as tx:
                report = await scopes.find_report(tx, action_id)
            if report is not None:
                await self._publisher.publish(report)
        return len(claimed)

    async def settle(self, action_id: UUID) -> None:
        """Take a receipt; one of a report is none of ours."""
        await self._database.run(lambda tx: identity.settle_action(tx, action_id))
