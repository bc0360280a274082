"""Make alerts due again that were given up."""

from sluice_risk_index.storage import alerts
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class ReplayAlerts:
    """The use case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, *, by: str) -> int:
        """Return how many alerts were stuck and are due now. Raises Unavailable."""
        count = await self._database.run(alerts.replay_stuck)
        if count:
            log.info("stuck alerts replayed", count=count, by=by)
        return count
