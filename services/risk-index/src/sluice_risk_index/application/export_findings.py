"""Export findings: a page of a list, with all that other formats want to know."""

from sluice_risk_index.application.list_findings import ListFindings
from sluice_risk_index.domain.criteria import After, Criteria, Sort
from sluice_risk_index.storage import exports
from sluice_shared.auth import Principal
from sluice_shared.contracts.exported import Exported
from sluice_shared.db import Database


class ExportFindings:
    """The same pages as the list's, so that a long export goes on where its last page ended."""

    def __init__(self, database: Database, list_findings: ListFindings) -> None:
        self._database = database
        self._list_findings = list_findings

    async def __call__(
        self, principal: Principal, criteria: Criteria, sort: Sort, after: After | None, limit: int
    ) -> tuple[list[Exported], After | None]:
        """Return at most ``limit`` findings, and where the next page begins, if there is one. Raises Unavailable."""
        rows, following = await self._list_findings(principal, criteria, sort, after, limit)
        async with self._database.transaction(read_only=True) as tx:
            return await exports.of_rows(tx, rows), following
