"""Show everything that is known about one finding."""

from uuid import UUID

from sluice_risk_index.errors import UnknownFindingError
from sluice_risk_index.storage import details
from sluice_risk_index.storage.details import FindingPage
from sluice_shared.auth import Principal
from sluice_shared.db import Database


class ShowFinding:
    """The page of a finding."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, principal: Principal, finding_id: UUID) -> FindingPage:
        """Return the finding. Raises UnknownFindingError and Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            page = await details.find(tx, finding_id)
        if page is None or not principal.covers(page.finding["asset"]):
            raise UnknownFindingError(str(finding_id))
        return page
