"""List reports, newest first."""

from sluice_ingest.domain.report import Report, ReportFilter
from sluice_ingest.storage import reports
from sluice_shared.db import Database


class ListReports:
    """The use case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(
        self, wanted: ReportFilter, *, before: int | None, limit: int
    ) -> tuple[list[Report], int | None]:
        """Return a page of at most `limit`, and the sequence before which the next page begins, if there is one."""
        async with self._database.transaction(read_only=True) as tx:
            found = await reports.page(tx, wanted, before=before, limit=limit + 1)
        page = found[:limit]
        return page, page[-1].sequence if len(found) > limit else None
