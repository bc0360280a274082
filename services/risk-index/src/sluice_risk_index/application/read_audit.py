"""Read the audit trail."""

from sluice_risk_index.storage import audit
from sluice_shared.db import Database, Record


class ReadAudit:
    """The latest entries first, page by page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, *, before: int | None, subject: str | None, limit: int) -> tuple[list[Record], int | None]:
        """Return at most ``limit`` entries, and the id before which the next page is. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            rows = await audit.trail(tx, before=before, subject=subject, limit=limit + 1)
        page = rows[:limit]
        return page, page[-1]["id"] if len(rows) > limit else None
