"""Call an asset otherwise: a repository moved, a registry changed its name. Its findings stay what they are.

Reports under the old key and under the new one go to the one asset. Where the new key has had reports already, what
they showed is applied to the asset as the scans that brought it, and their own findings end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sluice_normaliser.application.apply_scan import apply_scan
from sluice_normaliser.application.lock_assets import lock_assets
from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.application.stored_scopes import StoredScope, stored_scopes
from sluice_normaliser.domain.algorithms import InForce
from sluice_normaliser.domain.forecast import Shown
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.domain.scan import Position
from sluice_normaliser.errors import NoSuchAssetError, RenameConflictError
from sluice_normaliser.storage import actions, findings, names, scopes, shown
from sluice_normaliser.storage.findings import ScanContext
from sluice_normaliser.storage.names import AssetName
from sluice_normaliser.storage.scopes import AppliedReport
from sluice_shared.contracts.assets import parse_asset_key
from sluice_shared.contracts.events import ReportCounts, ScanSummary
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database, Tx


@dataclass(frozen=True, slots=True)
class Renamed:
    """The asset as it is called now; ``absorbed`` is the one that had its new key before."""

    asset_id: UUID
    name: AssetName
    absorbed: UUID | None = None
    action_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants an asset to be called otherwise, and why."""

    old: str
    new: str
    actor: str
    reason: str


class RenameAsset:
    """The use case; a repetition changes nothing."""

    def __init__(self, database: Database, actions: PublishActions, *, hold: Hold, force: InForce) -> None:
        self._database = database
        self._actions = actions
        self._hold = hold
        self._force = force

    async def __call__(self, old: str, new: str, *, actor: str, reason: str) -> Renamed:
        """Return the asset as it is called now.

        Raises AssetKeyError, NoSuchAssetError; RenameConflictError when the keys are of two types, the old one is
        not in use any more, or the new one is another asset's former key.
        """
        if parse_asset_key(old)[0] is not parse_asset_key(new)[0]:
            raise RenameConflictError(f"{old} and {new} are assets of two types")
        wish = Wish(old, new, actor, reason)
        renamed = await self._database.run(lambda tx: self._rename(tx, wish))
        if renamed.action_id is not None:
            await self._actions.publish(renamed.action_id)
        return renamed

    async def describe(self, key: str) -> dict[str, Any]:
        """Return what the asset of a key is called and was called, and who renamed it. Raises NoSuchAssetError."""
        async with self._database.transaction(read_only=True) as tx:
            asset_id = (await names.resolve(tx, [key]))[key]
            name = (await names.names(tx, [asset_id])).get(asset_id)
            if name is None:
                raise NoSuchAssetError(key)
            history = await names.history(tx, asset_id)
        return {
            "asset_id": asset_id,
            "asset": name.key,
            "aliases": list(name.aliases),
            "renames": [dict(row) for row in history],
        }

    async def _rename(self, tx: Tx, wish: Wish) -> Renamed:
        ids = await lock_assets(tx, (wish.old, wish.new))
        asset_id, other_id = ids[wish.old], ids[wish.new]
        known = await names.names(tx, ids.values())
        if asset_id not in known:
            raise NoSuchAssetError(wish.old)
        name, other = known[asset_id], known.get(other_id)
        if name.key == wish.new:
            return Renamed(asset_id, name)
        _check(wish, name, None if other_id == asset_id else other)
        absorbed = None if other is None or other_id == asset_id else other_id
        action_id = new_id()
        summaries: dict[UUID, list[ScanSummary]] = {asset_id: []}
        changed = 1
        if absorbed is not None:
            summaries[asset_id], changed = await self._absorb(tx, absorbed, asset_id, action_id)
            summaries[absorbed] = []
            await names.retire(tx, absorbed, f"{wish.new}~{absorbed.hex[:8]}", successor=asset_id)
        await names.rename(tx, asset_id, wish.old, wish.new)
        await names.record_rename(
            tx,
            asset_id,
            wish.old,
            wish.new,
            absorbed=absorbed,
            action_id=action_id,
            actor=wish.actor,
            reason=wish.reason,
        )
        report = AppliedReport(action_id, datetime.now(UTC), "identity", ReportCounts(), summaries, changed)
        await scopes.record_report(tx, report, summaries)
        await actions.add(tx, action_id)
        return Renamed(asset_id, (await names.names(tx, [asset_id]))[asset_id], absorbed, action_id)

    async def _absorb(self, tx: Tx, absorbed: UUID, asset_id: UUID, action_id: UUID) -> tuple[list[ScanSummary], int]:
        """Apply what one asset's scopes show to another, in the order of their scans, and end it there."""
        by_scope = {scope.scope_id: scope for scope in stored_scopes(await shown.shown(tx, absorbed))}
        summaries, changed = [], 0
        for row in await shown.scopes(tx, absorbed):
            scope = by_scope.get(row["id"]) or _empty(row)
            is_complete = row["complete_at"] is not None
            position = (
                Position(row["complete_at"], row["complete_sequence"])
                if is_complete
                else Position(row["last_at"], row["last_sequence"])
            )
            applied = await apply_scan(
                tx,
                scope.as_scan(complete=is_complete),
                asset_id=asset_id,
                ref=row["ref"],
                position=position,
                report_id=action_id,
                hold=self._hold,
                force=self._force,
            )
            summaries.append(applied.summary)
            changed += applied.changed
        return summaries, changed + await _end(tx, absorbed, list(by_scope), action_id)


def _check(wish: Wish, name: AssetName, other: AssetName | None) -> None:
    if name.key != wish.old:
        raise RenameConflictError(f"{wish.old} has been renamed: the asset is called {name.key} now, rename that")
    if other is not None and other.key != wish.new:
        raise RenameConflictError(
            f"{wish.new} is a former key of {other.key}, and reports under it go there: rename that one back first"
        )


def _empty(row: Any) -> StoredScope:
    return StoredScope(row["id"], Shown(row["scanner"], row["ref"], row["category"], [], []), (), None)


async def _end(tx: Tx, asset_id: UUID, scope_ids: Sequence[int], action_id: UUID) -> int:
    """End all that an asset shows; return how many findings were touched."""
    touched: set[UUID] = set()
    context = None
    for scope_id in scope_ids:
        context = ScanContext(
            asset_id=asset_id,
            scope_id=scope_id,
            scanner="",
            scanner_version=None,
            report_id=action_id,
            position=Position(datetime.now(UTC), 0),
            gone_at=None,
        )
        present = await findings.present_ids(tx, context)
        await findings.end_presence(tx, context, present)
        touched.update(present)
    if context is not None:
        await findings.settle(tx, context, sorted(touched), [None] * len(touched))
    return len(touched)
