"""List silences, newest first."""

from uuid import UUID

from sluice_notifier.application.clock import Clock
from sluice_notifier.domain.silence import Silence
from sluice_notifier.storage import silences
from sluice_shared.db import Database


class ListSilences:
    """The use case."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(
        self, *, before: UUID | None, only_current: bool, limit: int
    ) -> tuple[list[Silence], UUID | None]:
        """Return a page, and the id before which the next one begins; ``only_current`` leaves out what has ended."""
        ends_after = self._clock() if only_current else None
        async with self._database.transaction(read_only=True) as tx:
            found = await silences.page(tx, before=before, ends_after=ends_after, limit=limit + 1)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None
