"""Apply one scan of one asset to what is known, inside the caller's transaction and under the asset's lock."""

from dataclasses import dataclass
from uuid import UUID

from sluice_normaliser.domain.algorithms import InForce, computed
from sluice_normaliser.domain.lifecycle import Hold, ScanPlan, ScopeState, plan_scan
from sluice_normaliser.domain.matching import EXACT, Matches, match_beyond, match_exact, match_within
from sluice_normaliser.domain.scan import Position, PreparedScan
from sluice_normaliser.storage import findings, identity, scopes
from sluice_normaliser.storage.findings import ScanContext
from sluice_shared.contracts.events import ReportCounts, ScanSummary
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class AppliedScan:
    """What a scan came to; ``changed`` counts the findings of which a new version was written."""

    summary: ScanSummary
    counts: ReportCounts
    changed: int


async def apply_scan(
    tx: Tx,
    scan: PreparedScan,
    *,
    asset_id: UUID,
    ref: str,
    position: Position,
    report_id: UUID,
    hold: Hold,
    force: InForce,
) -> AppliedScan:
    """Match the scan against its scope and asset, and write what it changes. Nothing is written per unchanged finding.

    ``force`` are the key algorithms that decide. The caller holds the asset's lock.
    """
    scope_id, scope = await scopes.open_scope(
        tx,
        asset_id,
        ref=ref,
        scanner=scan.scanner,
        category=scan.category,
        position=position,
        complete=scan.complete,
        report_id=report_id,
    )
    matches = await _match(tx, scan, asset_id, scope_id, scope, force)
    plan = plan_scan(scan.problems, matches, scope, position, complete=scan.complete, hold=hold)
    context = ScanContext(
        asset_id=asset_id,
        scope_id=scope_id,
        scanner=scan.scanner,
        scanner_version=scan.scanner_version,
        report_id=report_id,
        position=position,
        gone_at=scope.last_complete.at if plan.late and scope.last_complete else None,
    )
    if scan.complete and not plan.late:
        await scopes.set_hold(tx, scope_id, holds=plan.held > 0)
    counts, changed = await _write(tx, context, scan, plan)
    if not plan.late and scope.algorithms != computed():
        await _add_keys(tx, context, scan, matches, scope.algorithms)
    summary = ScanSummary(
        scanner=scan.scanner,
        scanner_version=scan.scanner_version,
        ref=ref,
        commit=scan.commit,
        category=scan.category,
        scanned_at=position.at,
        complete=scan.complete,
        successful=scan.successful,
        late=plan.late,
        kinds=list(scan.kinds),
        observations=scan.observations,
        vex=scan.vex,
    )
    return AppliedScan(summary, counts, changed)


async def _match(
    tx: Tx, scan: PreparedScan, asset_id: UUID, scope_id: int, scope: ScopeState, force: InForce
) -> Matches:
    matches = match_exact(scan.problems, {p.exact: p.finding_id for p in scope.present.values()})
    if matches.left and (unmatched := list(scope.present.keys() - matches.taken())):
        known = await findings.known_in_scope(tx, asset_id, scope_id, scan.scanner, unmatched)
        matches = match_within(scan.problems, matches, known, force)
    if matches.left and await findings.has_findings(tx, asset_id):
        keys = (key for index in matches.left for key in scan.problems[index].keys)
        matches = match_beyond(
            scan.problems,
            matches,
            await findings.find_holders(tx, asset_id, scan.scanner, keys, force),
            frozenset(scope.present),
            force,
        )
    return matches


async def _add_keys(tx: Tx, context: ScanContext, scan: PreparedScan, matches: Matches, had: frozenset[int]) -> None:
    """Write the keys of algorithms that are new since the scope's last scan; what has changed, has them already."""
    unmoved = [(finding_id, scan.problems[i]) for i, (finding_id, key) in matches.joined.items() if key == EXACT]
    if unmoved:
        await findings.add_keys(tx, context, unmoved, had)
    if scan.complete:
        await scopes.set_algorithms(tx, context.scope_id, computed())


async def _write(tx: Tx, context: ScanContext, scan: PreparedScan, plan: ScanPlan) -> tuple[ReportCounts, int]:
    counts = ReportCounts(
        observations=scan.observations,
        findings=len(scan.problems),
        new=len(plan.created),
        not_open=scan.not_open,
        unknown_severity=scan.unknown_severity,
        unchanged=plan.unchanged,
        held=plan.held,
    )
    if plan.touches_nothing:
        return counts, 0
    if plan.created:
        await findings.create(tx, context, [(new_id(), scan.problems[index]) for index in plan.created])
        counts.resolved += len(plan.created) if context.gone_at else 0
    seen = [(finding_id, scan.problems[index]) for index, finding_id, _ in (*plan.appeared, *plan.changed)]
    if seen:
        await findings.observe(tx, context, seen)
        await findings.appear(tx, context, seen)
    if plan.backdated:
        await findings.backdate(tx, context, plan.backdated)
    if plan.confirmed:
        await findings.confirm(tx, context, plan.confirmed)
    if plan.gone:
        await findings.end_presence(tx, context, plan.gone)
    joined: dict[UUID, str] = {finding_id: key for _, finding_id, key in (*plan.appeared, *plan.changed)}
    touched = joined | dict.fromkeys(plan.backdated) | dict.fromkeys(plan.gone)
    if joins := [(i, key) for i, key in joined.items() if key != EXACT]:
        await identity.record_joins(tx, context, joins)
    if touched:
        outcome = await findings.settle(tx, context, list(touched), list(touched.values()))
        counts.reopened = len(outcome["reopened"])
        counts.resolved += len(outcome["resolved"])
        said_otherwise = {finding_id for _, finding_id, _ in plan.changed}
        counts.updated = len(said_otherwise.intersection(outcome["updated"]))
        counts.unchanged = counts.findings - counts.new - counts.reopened - counts.updated
    return counts, len(plan.created) + len(touched)
