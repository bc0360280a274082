"""End a silence now. It is kept, with who ended it."""

from uuid import UUID

from sluice_notifier.application.clock import Clock
from sluice_notifier.errors import no_silence
from sluice_notifier.storage import silences
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class ExpireSilence:
    """The use case."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, silence_id: UUID, *, by: str) -> None:
        """End it; one that has ended already stays as it is. Raises Problem (no_silence)."""
        async with self._database.transaction() as tx:
            if await silences.find(tx, silence_id) is None:
                raise no_silence()
            await silences.expire(tx, silence_id, self._clock(), by=by)
        log.info("silence ended", silence_id=str(silence_id), by=by)
