"""Delete bodies that have been kept for the retention time."""

from datetime import datetime, timedelta

from sluice_ingest.application.clock import Clock
from sluice_ingest.domain.report import body_key
from sluice_ingest.metrics import BODIES_EXPIRED
from sluice_ingest.storage import bodies, reports
from sluice_shared.blobs import BlobStore
from sluice_shared.db import Database

_BATCH = 500


class ExpireBodies:
    """The use case; a call handles one batch and returns how many bodies it deleted."""

    def __init__(self, database: Database, blobs: BlobStore, retention: timedelta, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._retention = retention
        self._clock = clock

    async def __call__(self) -> int:
        """Delete one batch; raises Unavailable when the database or the blob store is away."""
        before = self._clock() - self._retention
        async with self._database.transaction(read_only=True) as tx:
            digests = await bodies.expired(tx, before=before, limit=_BATCH)
        deleted = [digest for digest in digests if await self._delete(digest, before)]
        BODIES_EXPIRED.inc(len(deleted))
        return len(deleted)

    async def _delete(self, sha256: str, before: datetime) -> bool:
        """Delete one body under its lock, so that nobody relies on it in between."""
        async with self._database.transaction() as tx:
            await reports.lock_body(tx, sha256)
            if await bodies.is_needed(tx, sha256, since=before):
                return False
            await self._blobs.delete(body_key(sha256))
            await bodies.mark_deleted(tx, sha256, at=self._clock())
        return True
