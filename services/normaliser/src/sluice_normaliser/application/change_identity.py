"""Split and merge findings at a person's word: stable under later scans, and kept for ever in the events.

An action is its own outbox, as a report is: due until risk-index has indexed what it changed.
"""

from datetime import UTC, datetime
from uuid import UUID

from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.domain.algorithms import Algorithm
from sluice_normaliser.domain.scan import Position
from sluice_normaliser.errors import IdentityConflictError, NoSuchFindingError
from sluice_normaliser.storage import actions, findings, identity, scopes
from sluice_normaliser.storage.findings import ScanContext
from sluice_normaliser.storage.scopes import AppliedReport
from sluice_shared.contracts.events import ReportCounts
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database, Tx

SHARED = Algorithm.SHARED_VULNERABILITY_1.value
ALL = (1 << 15) - 1


class ChangeIdentity:
    """Both use cases, with what they need."""

    def __init__(self, database: Database, actions: PublishActions) -> None:
        self._database = database
        self._actions = actions

    async def split(self, finding_id: UUID, *, scanner: str, actor: str, reason: str) -> UUID:
        """Make what a scanner says of a finding a finding of its own; returns the new one's id.

        Raises NoSuchFindingError; IdentityConflictError when the scanner says nothing of it, or nobody else does.
        """
        action = await self._database.run(lambda tx: self._split(tx, finding_id, scanner, actor, reason))
        await self._actions.publish(action.id)
        return action.other

    async def merge(self, finding_id: UUID, *, into: UUID, actor: str, reason: str) -> UUID:
        """Make a finding part of another; returns the other's id.

        Raises NoSuchFindingError; IdentityConflictError when they are of two assets, or a scan tells them apart.
        """
        action = await self._database.run(lambda tx: self._merge(tx, finding_id, into, actor, reason))
        await self._actions.publish(action.id)
        return into

    async def _split(self, tx: Tx, finding_id: UUID, scanner: str, actor: str, reason: str) -> "Action":
        asset_id = await _locked_asset(tx, finding_id)
        known = await identity.describe(tx, asset_id, finding_id)
        scanners = {row["scanner"] for row in known["observations"]}
        if scanner not in scanners:
            raise IdentityConflictError(
                f"{scanner} says nothing of this finding; those who do: {', '.join(sorted(scanners))}"
            )
        if len(scanners) == 1:
            raise IdentityConflictError(f"only {scanner} reports this finding: there is nothing to part it from")
        action = Action(new_id(), asset_id, new_id())
        await identity.copy_finding(tx, asset_id, finding_id, action.other, action.id)
        await identity.move_scanner(tx, asset_id, finding_id, action.other, scanner)
        await identity.drop_keys(tx, asset_id, finding_id, scanner, below=SHARED)
        await _settle(tx, action, scanner, [finding_id, action.other])
        await _record(tx, "split", action, finding_id, action.other, scanner=scanner, actor=actor, reason=reason)
        return action

    async def _merge(self, tx: Tx, finding_id: UUID, into: UUID, actor: str, reason: str) -> "Action":
        if finding_id == into:
            raise IdentityConflictError("a finding cannot be merged into itself")
        asset_id = await _locked_asset(tx, finding_id)
        if await _locked_asset(tx, into) != asset_id:
            raise IdentityConflictError("the two findings are of different assets")
        if together := await identity.shared_scopes(tx, asset_id, finding_id, into):
            scope = together[0]
            raise IdentityConflictError(
                f"{scope['scanner']} shows both on {scope['ref']}: the next scan would tell them apart again"
            )
        action = Action(new_id(), asset_id, into)
        await identity.absorb(tx, asset_id, finding_id, into)
        await identity.drop_keys(tx, asset_id, finding_id, None, below=ALL)
        await identity.close_merged(tx, asset_id, finding_id, action.id, datetime.now(UTC))
        await _settle(tx, action, "", [into])
        await _record(tx, "merged", action, finding_id, into, scanner="", actor=actor, reason=reason)
        return action


class Action:
    """One decision: its id stands for a report's where changes name who made them."""

    def __init__(self, action_id: UUID, asset_id: UUID, other: UUID) -> None:
        self.id = action_id
        self.asset_id = asset_id
        self.other = other


async def _locked_asset(tx: Tx, finding_id: UUID) -> UUID:
    asset = await identity.asset_of(tx, finding_id)
    if asset is None:
        raise NoSuchFindingError(finding_id)
    asset_id: UUID = asset["asset_id"]
    await tx.lock("asset", str(asset_id))
    return asset_id


async def _settle(tx: Tx, action: Action, scanner: str, touched: list[UUID]) -> None:
    now = datetime.now(UTC)
    context = ScanContext(
        asset_id=action.asset_id,
        scope_id=0,
        scanner=scanner,
        scanner_version=None,
        report_id=action.id,
        position=Position(now, 0),
        gone_at=None,
    )
    await findings.settle(tx, context, touched, [None] * len(touched))
    report = AppliedReport(action.id, now, "identity", ReportCounts(), {action.asset_id: []}, len(touched) + 1)
    await scopes.record_report(tx, report, [action.asset_id])
    await actions.add(tx, action.id)


async def _record(
    tx: Tx, what: str, action: Action, one: UUID, other: UUID, *, scanner: str, actor: str, reason: str
) -> None:
    for finding_id, other_id in ((one, other), (other, one)):
        await identity.record_decision(
            tx,
            what,
            asset_id=action.asset_id,
            finding_id=finding_id,
            other_id=other_id,
            scanner=scanner,
            action_id=action.id,
            actor=actor,
            reason=reason,
        )
