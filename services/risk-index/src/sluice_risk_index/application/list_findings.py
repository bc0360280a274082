"""List findings: filtered, in order, page by page."""

from dataclasses import replace

from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.domain.criteria import After, Criteria, Sort
from sluice_risk_index.storage import listing
from sluice_risk_index.storage.conditions import as_cursor_value
from sluice_shared.auth import Principal
from sluice_shared.db import Database, Record


class ListFindings:
    """A page holds its place while findings come and go: it goes on after a value, not after a number of rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(
        self, principal: Principal, criteria: Criteria, sort: Sort, after: After | None, limit: int
    ) -> tuple[list[Record], After | None]:
        """Return at most ``limit`` findings, and where the next page begins, if there is one. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            visible = await visible_assets(tx, principal)
            rows = await listing.list_findings(tx, replace(criteria, visible=visible), sort, after, limit + 1)
        page = rows[:limit]
        if len(rows) <= limit:
            return page, None
        last = page[-1]
        value = last[{"score": "score", "due": "due_at", "first_seen": "first_seen_at"}[sort.key]]
        return page, After(as_cursor_value(sort, value), last["id"])
