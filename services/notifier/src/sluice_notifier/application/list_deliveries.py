"""Read the delivery log, newest first."""

from uuid import UUID

from sluice_notifier.domain.delivery import Delivery
from sluice_notifier.storage import deliveries
from sluice_notifier.storage.deliveries import Filter
from sluice_shared.db import Database


class ListDeliveries:
    """The use case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, wanted: Filter, *, before: UUID | None, limit: int) -> tuple[list[Delivery], UUID | None]:
        """Return a page of at most ``limit``, and the id before which the next page begins, if there is one."""
        async with self._database.transaction(read_only=True) as tx:
            found = await deliveries.page(tx, wanted, before=before, limit=limit + 1)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None
