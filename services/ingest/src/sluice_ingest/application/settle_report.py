"""End a report's being due when its receipt comes."""

from sluice_ingest.application.wait_for_report import Waiters
from sluice_ingest.domain.report import Reason, ReportStatus, settles
from sluice_ingest.metrics import REPORTS, scanner_label
from sluice_ingest.storage import reports
from sluice_shared.contracts.events import RejectReason, ReportReceipt
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class SettleReport:
    """The use case; the same receipt may come any number of times."""

    def __init__(self, database: Database, waiters: Waiters) -> None:
        self._database = database
        self._waiters = waiters

    async def __call__(self, receipt: ReportReceipt) -> None:
        """Give the report its final status; raises Unavailable when the database is away."""

        async def work(tx: Tx) -> bool:
            return await _settle(tx, receipt)

        if await self._database.run(work):
            REPORTS.labels(scanner_label(receipt.scanner), receipt.status).inc()
            log.info("report settled", report_id=receipt.report_id, status=receipt.status, reason=receipt.reason)
        self._waiters.wake(receipt.report_id)


async def _settle(tx: Tx, receipt: ReportReceipt) -> bool:
    held = await reports.hold(tx, receipt.report_id)
    if held is None:
        log.warning("receipt for an unknown report", report_id=receipt.report_id)
        return False
    if not settles(held.status, receipt):
        return False
    await reports.settle(
        tx,
        receipt.report_id,
        ReportStatus(receipt.status),
        reason=_reason(receipt),
        counts=receipt.counts,
        scanner=receipt.scanner,
        at=receipt.at,
    )
    return True


def _reason(receipt: ReportReceipt) -> Reason | None:
    if ReportStatus(receipt.status) is ReportStatus.INDEXED:
        return None
    return Reason((receipt.reason or RejectReason.INTERNAL).value, receipt.detail)
