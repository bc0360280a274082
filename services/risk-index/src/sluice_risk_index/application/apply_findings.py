"""Apply a chunk of changes: in one transaction, set-based, idempotent, and in whatever order chunks arrive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import orjson

from sluice_risk_index import metrics
from sluice_risk_index.application.records import asset_record
from sluice_risk_index.application.revise import write_alerts
from sluice_risk_index.domain.absorb import Reading, absorb, alert_level, history_of, read
from sluice_risk_index.domain.assess import Assessor
from sluice_risk_index.domain.asset_evidence import NO_EVIDENCE
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.history import HistoryEntry, lifecycle
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.intelligence import Intelligence
from sluice_risk_index.domain.observed import FindingsChunk, ObservedFinding
from sluice_risk_index.domain.policy import Policy
from sluice_risk_index.storage import alerts, assets, emissions, evidence, feeds, findings, recalculations
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.bus import Bus
from sluice_shared.contracts.events import AlertLevel, RejectReason, ReportReceipt
from sluice_shared.contracts.topics import REPORT_RECEIPTS
from sluice_shared.db import Database, Tx

Detail = tuple[UUID, UUID, str, str]


@dataclass(slots=True)
class _Plan:
    """What a chunk comes to."""

    new: list[Finding] = field(default_factory=list)
    changed: list[Finding] = field(default_factory=list)
    new_details: list[Detail] = field(default_factory=list)
    changed_details: list[Detail] = field(default_factory=list)
    history: list[tuple[UUID, UUID, HistoryEntry]] = field(default_factory=list)
    raised: list[tuple[Finding, AlertLevel]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Outcome:
    complete: bool
    raised: list[str]


class ApplyFindings:
    """Makes the risk index follow what the normaliser publishes.

    ``in_force`` gives the rules of the moment; ``alerts_raised`` is called when alerts wait to be published.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        facets: FacetBook,
        in_force: Callable[[], InForce],
        alerts_raised: Callable[[], None],
    ) -> None:
        self._database = database
        self._bus = bus
        self._facets = facets
        self._in_force = in_force
        self._alerts_raised = alerts_raised

    async def __call__(self, chunk: FindingsChunk) -> None:
        """Apply the chunk, and tell ingest when its report is indexed by that.

        Raises :class:`~sluice_risk_index.domain.observed.UnreadableObservationError` and Unavailable; after the latter
        the chunk can be applied again.
        """
        readings = [read(state) for state in _latest(chunk.findings)]
        outcome = await self._database.run(partial(self._apply, chunk=chunk, readings=readings))
        metrics.count_alerts(outcome.raised)
        metrics.FINDINGS_APPLIED.inc(len(readings))
        if outcome.raised:
            self._alerts_raised()
        if outcome.complete:
            await self._bus.publish(REPORT_RECEIPTS, _receipt(chunk), key=str(chunk.report_id))

    async def give_up(self, chunk: FindingsChunk, why: str) -> None:
        """Tell ingest that a chunk was set apart, so that its report is not published again by itself.

        Raises Unavailable.
        """
        await self._bus.publish(REPORT_RECEIPTS, _given_up(chunk, why), key=str(chunk.report_id))

    async def _apply(self, tx: Tx, chunk: FindingsChunk, readings: list[Reading]) -> _Outcome:
        in_force = self._in_force()
        scanned_at = max((scan.scanned_at for scan in chunk.scans if scan.successful), default=None)
        if chunk.renames and await assets.is_renamed(tx, chunk.asset_id, chunk.renames):
            # By another key the catalogue may say otherwise of all that the asset has.
            await tx.lock("recalculation")
            await recalculations.begin(tx, in_force.rules.version, tells=False)
        now, asset = await assets.hold_asset(
            tx,
            asset_record(in_force.rules, chunk.asset_id, chunk.asset),
            scanned_at,
            former_keys=chunk.aliases,
            renamed_times=chunk.renames,
        )
        await assets.record_coverage(tx, chunk.asset_id, chunk.scans)
        raised: list[str] = []
        if readings:
            known = await findings.hold_findings(tx, chunk.asset_id, [reading.state.finding_id for reading in readings])
            identifiers = set(_identifiers(readings, known))
            known_of = await feeds.look_up(tx, identifiers)
            said = await evidence.look_up(tx, [chunk.asset_id], identifiers)
            assessor = in_force.assessor(asset, said.get(chunk.asset_id, NO_EVIDENCE))
            plan = _plan(chunk, readings, known, assessor, in_force.rules.policy, now, known_of)
            raised = await self._write(tx, plan, asset, in_force, now)
        complete = await emissions.mark_chunk(
            tx, emission_id=chunk.emission_id, report_id=chunk.report_id, chunk=chunk.chunk, chunks=chunk.chunks
        )
        return _Outcome(complete, raised)

    async def _write(self, tx: Tx, plan: _Plan, asset: str, in_force: InForce, now: datetime) -> list[str]:
        await self._facets.number(tx, [*plan.new, *plan.changed])
        if plan.new:
            await findings.insert_findings(tx, plan.new)
            await findings.insert_details(tx, plan.new_details)
        await findings.update_findings(tx, plan.changed)
        await findings.replace_details(tx, plan.changed_details)
        await findings.append_history(tx, plan.history)
        told = [(finding, asset, level) for finding, level in plan.raised]
        return await alerts.insert_alerts(tx, await write_alerts(tx, in_force, told, now))


def _latest(states: list[ObservedFinding]) -> list[ObservedFinding]:
    """Return the newest state of each finding, in the order of their ids, in which rows are locked."""
    newest: dict[UUID, ObservedFinding] = {}
    for state in states:
        known = newest.get(state.finding_id)
        if known is None or known.version < state.version:
            newest[state.finding_id] = state
    return [newest[finding_id] for finding_id in sorted(newest)]


def _plan(
    chunk: FindingsChunk,
    readings: list[Reading],
    known: dict[UUID, Finding],
    assessor: Assessor,
    policy: Policy,
    now: datetime,
    intelligence: Intelligence,
) -> _Plan:
    plan = _Plan()
    alerting = policy.alerts.opened
    for reading in readings:
        state = reading.state
        before = known.get(state.finding_id)
        if before is not None and before.version >= state.version:
            # Late or repeated: the finding has moved on, but its history may lack what this state tells.
            plan.history += [(chunk.asset_id, state.finding_id, entry) for entry in lifecycle(state)]
            continue
        after = absorb(reading, before, chunk.asset_id, assessor, now, intelligence)
        (plan.new if before is None else plan.changed).append(after)
        if before is None or reading.description is not None:
            (plan.new_details if before is None else plan.changed_details).append(_detail(chunk.asset_id, state))
        plan.history += [(chunk.asset_id, state.finding_id, entry) for entry in history_of(reading, before, after, now)]
        level = alert_level(before, after, alerting, intelligence)
        if level is not None:
            plan.raised.append((after, level))
    return plan


def _identifiers(readings: list[Reading], known: dict[UUID, Finding]) -> Iterator[str]:
    """Yield the identifiers of the findings as they will be."""
    for reading in readings:
        described = reading.description or known.get(reading.state.finding_id)
        if described is not None:
            yield from described.identifiers


def _detail(asset_id: UUID, state: ObservedFinding) -> Detail:
    return asset_id, state.finding_id, orjson.dumps(state.keys).decode(), orjson.dumps(state.observations).decode()


def _receipt(chunk: FindingsChunk) -> ReportReceipt:
    scanners = sorted({scan.scanner for scan in chunk.scans})
    return ReportReceipt(
        report_id=chunk.report_id,
        status="indexed",
        scanner=", ".join(scanners) or None,
        vex=any(scan.vex for scan in chunk.scans),
        counts=chunk.counts,
        at=datetime.now(UTC),
    )


def _given_up(chunk: FindingsChunk, why: str) -> ReportReceipt:
    return ReportReceipt(
        report_id=chunk.report_id,
        status="stuck",
        reason=RejectReason.INTERNAL,
        detail=f"chunk {chunk.chunk + 1} of {chunk.chunks} of its changes was set apart by the risk index ({why}): "
        "look at its log, mend the cause, then replay the report",
        counts=chunk.counts,
        at=datetime.now(UTC),
    )
