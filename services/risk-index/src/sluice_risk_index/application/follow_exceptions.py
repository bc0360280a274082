"""Know the exceptions by API, as this process does those of the configuration folder."""

from collections.abc import Callable
from datetime import datetime

from sluice_risk_index.domain.exceptions import Exemptions
from sluice_risk_index.storage import exception_rows
from sluice_risk_index.storage.exception_rows import Stored
from sluice_shared.db import Database, Tx


class FollowExceptions:
    """Each call looks whether one was added, changed or ended; ``changed`` is called when so."""

    def __init__(self, database: Database, changed: Callable[[], None]) -> None:
        self._database = database
        self._changed = changed
        self._stored: tuple[Stored, ...] = ()
        self._version: tuple[object, ...] | None = None
        self._merged: tuple[Exemptions, tuple[Stored, ...], Exemptions] | None = None

    async def __call__(self) -> int:
        """Return 0: there is never more to do. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            changed = await self._look(tx)
        if changed:
            self._changed()
        return 0

    async def load(self) -> None:
        """Know them before anything is done by them. Raises Unavailable."""
        await self()

    def with_files(self, files: Exemptions) -> Exemptions:
        """Return all exceptions; of two with one id that in a file counts. The same object for the same ones."""
        if self._merged is None or self._merged[0] is not files or self._merged[1] is not self._stored:
            in_files = {entry.id for entry in files.entries}
            added = [stored for stored in self._stored if stored.entry.id not in in_files]
            since: dict[str, datetime] = {stored.entry.id: stored.changed_at for stored in added}
            merged = Exemptions([*files.entries, *(stored.entry for stored in added)], files.files, since)
            self._merged = (files, self._stored, merged if added else files)
        return self._merged[2]

    async def _look(self, tx: Tx) -> bool:
        version = await exception_rows.version(tx)
        if version == self._version:
            return False
        self._stored = tuple(await exception_rows.in_force(tx))
        self._version = version
        return True
