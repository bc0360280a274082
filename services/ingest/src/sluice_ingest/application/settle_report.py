"""End a report's being due when its receipt comes."""

from datetime import timedelta

from sluice_ingest.application.wait_for_report import Waiters
from sluice_ingest.domain.report import Lane, Reason, Report, ReportStatus, settles
from sluice_ingest.domain.schedule import unpublished_delay
from sluice_ingest.domain.vex_report import statements_of
from sluice_ingest.metrics import count_report
from sluice_ingest.storage import acceptance, reports
from sluice_shared.contracts.events import EvidenceReceipt, RejectReason, ReportReceipt
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class SettleReport:
    """The use case; the same receipt may come any number of times."""

    def __init__(self, database: Database, waiters: Waiters) -> None:
        self._database = database
        self._waiters = waiters

    async def __call__(self, receipt: ReportReceipt) -> None:
        """Give the report its final status; raises Unavailable when the database is away.

        A report that holds VEX statements is handed on as evidence, too, from this transaction on.
        """

        async def work(tx: Tx) -> bool:
            held = await reports.hold(tx, receipt.report_id)
            if held is None or not await _settle(tx, held, receipt):
                return _is_known(held, receipt)
            await _hand_on_statements(tx, held, receipt)
            return True

        if await self._database.run(work):
            count_report(receipt.scanner, None, receipt.status)
            log.info("report settled", report_id=receipt.report_id, status=receipt.status, reason=receipt.reason)
        self._waiters.wake(receipt.report_id)

    async def evidence(self, receipt: EvidenceReceipt) -> None:
        """Give a piece of evidence its final status; raises Unavailable when the database is away."""

        async def work(tx: Tx) -> Report | None:
            held = await reports.hold(tx, receipt.evidence_id)
            return held if held is not None and await _settle(tx, held, receipt) else None

        if (settled := await self._database.run(work)) is not None:
            count_report(None, settled.evidence, receipt.status)
            log.info("evidence settled", evidence_id=receipt.evidence_id, status=receipt.status, reason=receipt.reason)
        self._waiters.wake(receipt.evidence_id)


def _is_known(held: Report | None, receipt: ReportReceipt) -> bool:
    if held is None:
        log.warning("receipt for an unknown report", report_id=receipt.report_id)
    return False


async def _settle(tx: Tx, held: Report, receipt: ReportReceipt | EvidenceReceipt) -> bool:
    if not settles(held.status, receipt):
        return False
    await reports.settle(
        tx,
        held.id,
        ReportStatus(receipt.status),
        reason=_reason(receipt),
        counts=receipt.counts,
        scanner=receipt.scanner if isinstance(receipt, ReportReceipt) else None,
        at=receipt.at,
    )
    return True


async def _hand_on_statements(tx: Tx, held: Report, receipt: ReportReceipt) -> None:
    """Accept the body of a VEX document as evidence; once, however often its report is settled."""
    submission = statements_of(held, receipt)
    if submission is None:
        return
    await reports.lock_body(tx, held.body_sha256)
    if not await reports.is_body_kept(tx, held.id):
        return
    new = acceptance.NewReport(
        id=new_id(),
        submission=submission,
        source=held.source,
        sender="sluice",
        idempotency_key=f"report:{held.id}",
        body_ref=held.body_ref,
        body_sha256=held.body_sha256,
        body_bytes=held.body_bytes,
        wire_bytes=held.wire_bytes,
        lane=Lane.EVIDENCE,
        received_at=held.received_at,
        due_at=receipt.at + timedelta(seconds=unpublished_delay(spread=0.0)),
        put_began_at=held.received_at,
    )
    await acceptance.accept(tx, new)


def _reason(receipt: ReportReceipt | EvidenceReceipt) -> Reason | None:
    if ReportStatus(receipt.status) is ReportStatus.INDEXED:
        return None
    return Reason((receipt.reason or RejectReason.INTERNAL).value, receipt.detail)
