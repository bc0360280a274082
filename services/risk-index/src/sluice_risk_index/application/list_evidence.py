"""List what is known by evidence: CODEOWNERS with what they leave open, and VEX documents with what they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_risk_index import metrics
from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.domain.codeowners import Codeowners, read_codeowners
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.storage import evidence
from sluice_shared.auth import Principal
from sluice_shared.db import Database, Record

_PAGE = 200


@dataclass(frozen=True, slots=True)
class OwnedAsset:
    """The CODEOWNERS that hold for an asset; what is only of pushed ones is None for those of the catalogue."""

    asset: str
    read: Codeowners
    unknown: tuple[str, ...]
    ref: str | None = None
    commit: str | None = None
    source: str | None = None
    evidence_id: UUID | None = None
    made_at: datetime | None = None


class ListEvidence:
    """What was taken as evidence, by asset."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def codeowners(self, principal: Principal, *, after: str, limit: int) -> tuple[list[OwnedAsset], str | None]:
        """Return assets with CODEOWNERS by key, and where the next page begins. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            visible = await visible_assets(tx, principal)
            rows = await evidence.list_codeowners(tx, after=after, limit=limit + 1, visible=visible)
        files = self._in_force().rules.catalogue.codeowners
        found = {row["asset"]: self._pushed(row) for row in rows}
        found.update(
            (key, self._owned(key, read)) for key, read in files.items() if key > after and principal.covers(key)
        )
        page = [found[key] for key in sorted(found)[:limit]]
        return page, page[-1].asset if len(found) > limit else None

    async def vex(
        self, principal: Principal, *, asset: str | None, after: Sequence[str], limit: int
    ) -> tuple[list[Record], tuple[str, str, str] | None]:
        """Return VEX documents in the order of their assets, and where the next page begins. Raises Unavailable."""
        async with self._database.transaction(read_only=True) as tx:
            visible = await visible_assets(tx, principal)
            rows = await evidence.list_vex(tx, asset=asset, after=after, limit=limit + 1, visible=visible)
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        return page, (last["asset"], last["id"], last["author"]) if last else None

    async def measure(self) -> int:
        """Count the owners that no team goes by. Returns 0. Raises Unavailable."""
        files = self._in_force().rules.catalogue.codeowners
        unknown = sum(len(self._owned(key, read).unknown) for key, read in files.items())
        after = ""
        while True:
            async with self._database.transaction(read_only=True) as tx:
                rows = await evidence.list_codeowners(tx, after=after, limit=_PAGE, visible=None)
            unknown += sum(len(self._pushed(row).unknown) for row in rows if row["asset"] not in files)
            if len(rows) < _PAGE:
                break
            after = rows[-1]["asset"]
        metrics.CODEOWNERS_UNKNOWN.set(unknown)
        return 0

    def _pushed(self, row: Record) -> OwnedAsset:
        read = read_codeowners(row["body"])
        more = {name: row[name] for name in ("ref", "commit", "source", "evidence_id", "made_at")}
        return OwnedAsset(row["asset"], read, self._unknown(read), **more)

    def _owned(self, key: str, read: Codeowners) -> OwnedAsset:
        return OwnedAsset(key, read, self._unknown(read))

    def _unknown(self, read: Codeowners) -> tuple[str, ...]:
        team_of = self._in_force().rules.catalogue.team_of
        return tuple(owner for owner in read.owners if team_of(owner) is None)
