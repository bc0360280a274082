"""Show one delivery with what it sends."""

from uuid import UUID

from sluice_notifier.domain.delivery import Delivery
from sluice_notifier.errors import no_delivery
from sluice_notifier.storage import deliveries
from sluice_shared.db import Database


class ShowDelivery:
    """The use case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, delivery_id: UUID, assets: tuple[str, ...]) -> Delivery:
        """Return it, if it is about the ``assets`` (patterns; none means all) alone. Raises Problem (no_delivery)."""
        async with self._database.transaction(read_only=True) as tx:
            found = await deliveries.find(tx, delivery_id, assets)
        if found is None:
            raise no_delivery()
        return found
