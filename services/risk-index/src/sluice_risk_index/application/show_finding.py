"""Show everything that is known about one finding."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.vex.statements import Analysis
from sluice_risk_index.errors import UnknownFindingError
from sluice_risk_index.storage import details, evidence
from sluice_risk_index.storage.details import FindingPage
from sluice_shared.auth import Principal
from sluice_shared.db import Database, Record


@dataclass(frozen=True, slots=True)
class _Subject:
    """What VEX asks of a finding."""

    identifiers: list[str]
    purl: str | None
    package: str | None


class ShowFinding:
    """The page of a finding, and what VEX says of it, the newest first."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def __call__(self, principal: Principal, finding_id: UUID) -> tuple[FindingPage, list[Analysis]]:
        """Return the finding. Raises UnknownFindingError and Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            page = await details.find(tx, finding_id)
            if page is None or not principal.covers(page.finding["asset"]):
                raise UnknownFindingError(str(finding_id))
            row: Record = page.finding
            said = await evidence.look_up(tx, [row["asset_id"]], row["identifiers"])
        if row["asset_id"] not in said:
            return page, []
        subject = _Subject(row["identifiers"], row["purl"], row["package"])
        return page, said[row["asset_id"]].statements.about(subject, self._in_force().rules.policy.vex)
