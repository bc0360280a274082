"""Try a failed delivery again, at once, as the same message under the same key."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sluice_notifier.application.clock import Clock
from sluice_notifier.domain.delivery import Delivery
from sluice_notifier.errors import no_delivery, not_failed
from sluice_notifier.storage import deliveries
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class RetryDelivery:
    """The use case; ``max_age`` is how long it is tried from now on."""

    def __init__(self, database: Database, clock: Clock, wake: Callable[[], None], *, max_age: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._max_age = max_age

    async def __call__(self, delivery_id: UUID, *, by: str) -> Delivery:
        """Return the delivery, now due. Raises Problem (no_delivery, not_failed)."""
        now = self._clock()
        async with self._database.transaction() as tx:
            done = await deliveries.retry(tx, delivery_id, now, give_up_at=now + self._max_age)
            found = await deliveries.find(tx, delivery_id)
        if found is None:
            raise no_delivery()
        if not done:
            raise not_failed(found.state.value)
        log.info("delivery retried", delivery_id=str(delivery_id), by=by)
        self._wake()
        return found
