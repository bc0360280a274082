"""Settle the alerts that notifier has committed."""

from functools import partial

from sluice_risk_index.storage import alerts
from sluice_shared.contracts.events import AlertReceipt
from sluice_shared.db import Database


class SettleAlerts:
    """Ends an alert's being due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, receipt: AlertReceipt) -> None:
        """Settle the receipt's alerts; those settled before, or unknown, change nothing. Raises Unavailable."""
        await self._database.run(partial(alerts.settle, ids=receipt.alert_ids))
