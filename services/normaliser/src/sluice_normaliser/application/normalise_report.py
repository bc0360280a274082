"""Normalise a stored report: parse it, apply its scans in one transaction, publish what changed.

Idempotent: a report whose changes are committed is not parsed again, its changes are published again.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sluice_normaliser.application.apply_scan import apply_scan
from sluice_normaliser.application.lock_assets import lock_assets
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.application.tidy_refs import Tidying, tidy_refs
from sluice_normaliser.application.workers import Workers
from sluice_normaliser.domain.algorithms import RELEASED, InForce
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.domain.scan import Position, PreparedReport, PreparedScan
from sluice_normaliser.kit import ReportError
from sluice_normaliser.metrics import APPLY_SECONDS, HELD, OBSERVATIONS, REPORTS
from sluice_normaliser.storage import names, scopes
from sluice_normaliser.storage.scopes import AppliedReport
from sluice_shared.blobs import BlobMissing, BlobStore, BlobTooLarge
from sluice_shared.contracts.events import RejectReason, ReportCounts, ReportReceived, ScanSummary
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

CLOCK_TOLERANCE = timedelta(minutes=5)
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """How the reports of a lane are treated, so that large ones never hold up small ones.

    ``in_line`` is how many chunks of changes may wait for the risk index before publishing waits, too.
    """

    in_line: int
    large: bool = False


class NormaliseReport:
    """The use case, with what it needs.

    ``max_body_bytes`` bounds the decompressed report, ``force`` are the key algorithms that decide.
    """

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        workers: Workers,
        publisher: Publisher,
        *,
        max_body_bytes: int,
        hold: Hold,
        tidying: Tidying,
        force: InForce = RELEASED,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._workers = workers
        self._publisher = publisher
        self._max_body_bytes = max_body_bytes
        self._hold = hold
        self._tidying = tidying
        self._force = force

    async def __call__(self, event: ReportReceived, lane: Lane) -> None:
        """Bring one report to its end: indexed by way of its published changes, or rejected with a reason.

        Raises Unavailable when a store is away.
        """
        async with self._database.transaction(read_only=True) as tx:
            applied = await scopes.find_report(tx, event.report_id)
        if applied is None:
            try:
                prepared = await self._prepare(event, lane)
            except ReportError as error:
                await self._reject(event, error)
                return
            if prepared.lacks:
                log.warning(
                    "report read by its scanner's name alone, so that nothing counts as gone because of it",
                    report_id=str(event.report_id),
                    format=prepared.format,
                    lacks=prepared.lacks,
                )
            with APPLY_SECONDS.time():
                applied = await self._database.run(lambda tx: self._apply(tx, event, prepared))
            REPORTS.labels(scanner=applied.scanner, outcome="applied").inc()
            OBSERVATIONS.labels(scanner=applied.scanner).inc(applied.counts.observations)
            log.info(
                "report applied",
                report_id=str(event.report_id),
                asset=event.asset,
                scanner=applied.scanner,
                **applied.counts.model_dump(exclude_defaults=True),
            )
        else:
            REPORTS.labels(scanner=applied.scanner, outcome="repeated").inc()
        await self._publisher.publish(applied, in_line=lane.in_line)

    async def give_up(self, event: ReportReceived, why: str) -> None:
        """Tell ingest that the report's event was set apart, so that it is not worked on again by itself.

        It ended its consumer every time, or failed it. Raises Unavailable.
        """
        REPORTS.labels(scanner="unknown", outcome="set_apart").inc()
        log.error("report set apart", report_id=str(event.report_id), reason=why)
        await self._publisher.give_up(event.report_id, why)

    async def _prepare(self, event: ReportReceived, lane: Lane) -> PreparedReport:
        try:
            body = await self._blobs.get(event.body_ref, max_bytes=self._max_body_bytes)
        except BlobMissing:
            raise ReportError(
                RejectReason.BODY_MISSING, "the stored body is gone: its retention time is over; push the report again"
            ) from None
        except BlobTooLarge:
            raise ReportError(
                RejectReason.TOO_LARGE,
                f"the report is larger than {self._max_body_bytes} bytes: split it, or raise SLUICE_MAX_REPORT_BYTES",
            ) from None
        return await self._workers.prepare(
            body, scanner=event.scanner, filename=event.filename, asset=event.asset, large=lane.large
        )

    async def _reject(self, event: ReportReceived, error: ReportError) -> None:
        scanner = event.scanner or "unknown"
        REPORTS.labels(scanner=scanner, outcome="rejected").inc()
        log.warning("report rejected", report_id=str(event.report_id), reason=error.reason.value, detail=error.detail)
        await self._publisher.reject(event.report_id, error.reason, error.detail, scanner=event.scanner)

    async def _apply(self, tx: Tx, event: ReportReceived, prepared: PreparedReport) -> AppliedReport:
        by_asset: dict[str, list[PreparedScan]] = defaultdict(list)
        for scan in prepared.scans:
            scan.complete = scan.complete and event.complete
            by_asset[scan.asset or event.asset].append(scan)
        by_asset = by_asset or {event.asset: []}
        ids = await lock_assets(tx, sorted(by_asset))
        # Another consumer may have applied the report while this one parsed it.
        if found := await scopes.find_report(tx, event.report_id):
            return found
        total = ReportCounts()
        changed = 0
        summaries: dict[UUID, list[ScanSummary]] = {}
        for asset, scans in sorted(by_asset.items()):
            asset_id = ids[asset]
            await names.ensure(tx, asset_id, asset)
            summaries.setdefault(asset_id, [])
            refs = {_ref(event, scan) for scan in scans}
            for scan in scans:
                applied = await apply_scan(
                    tx,
                    scan,
                    asset_id=asset_id,
                    ref=_ref(event, scan),
                    position=_position(event, scan),
                    report_id=event.report_id,
                    hold=self._hold,
                    force=self._force,
                )
                HELD.labels(scanner=scan.scanner).inc(1 if applied.counts.held else 0)
                summaries[asset_id].append(applied.summary)
                changed += applied.changed
                _add(total, applied.counts)
            for ref in refs:
                tidied = await tidy_refs(tx, self._tidying, asset_id, ref=ref, now=event.received_at, report=event)
                total.resolved += tidied.resolved
                changed += tidied.changed
        report = AppliedReport(event.report_id, event.received_at, prepared.scanner, total, summaries, changed)
        await scopes.record_report(tx, report, summaries)
        return report


def _ref(event: ReportReceived, scan: PreparedScan) -> str:
    """The client's word, else the report's own."""
    return event.ref if event.ref != "default" else scan.ref or event.ref


def _position(event: ReportReceived, scan: PreparedScan) -> Position:
    """The scan's own time decides, the client's word before the report's; a time yet to come is a wrong clock."""
    at: datetime = event.scanned_at or scan.scanned_at or event.received_at
    if at > event.received_at + CLOCK_TOLERANCE:
        at = event.received_at
    return Position(at, event.sequence)


def _add(total: ReportCounts, part: ReportCounts) -> None:
    for name in ReportCounts.model_fields:
        setattr(total, name, getattr(total, name) + getattr(part, name))
