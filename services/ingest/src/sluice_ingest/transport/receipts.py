"""The stream of receipts: reports that are indexed, or rejected."""

from sluice_ingest.application.settle_report import SettleReport
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import ReportReceipt
from sluice_shared.contracts.topics import REPORT_RECEIPTS

GROUP = "ingest"
_AT_ONCE = 4


def subscribe(bus: Bus, settle: SettleReport) -> None:
    """Have each receipt settle its report."""

    async def on_receipt(receipt: ReportReceipt, _: Delivery) -> None:
        await settle(receipt)

    bus.subscribe(REPORT_RECEIPTS, GROUP, on_receipt, max_at_once=_AT_ONCE)
