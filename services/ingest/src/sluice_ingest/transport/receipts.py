"""The streams of receipts: reports and evidence that are indexed, or rejected."""

from sluice_ingest.application.settle_report import SettleReport
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import EvidenceReceipt, ReportReceipt
from sluice_shared.contracts.topics import EVIDENCE_RECEIPTS, REPORT_RECEIPTS

GROUP = "ingest"
_AT_ONCE = 4


def subscribe(bus: Bus, settle: SettleReport) -> None:
    """Have each receipt settle its report, or its piece of evidence."""

    async def on_receipt(receipt: ReportReceipt, _: Delivery) -> None:
        await settle(receipt)

    async def on_evidence_receipt(receipt: EvidenceReceipt, _: Delivery) -> None:
        await settle.evidence(receipt)

    bus.subscribe(REPORT_RECEIPTS, GROUP, on_receipt, max_at_once=_AT_ONCE)
    bus.subscribe(EVIDENCE_RECEIPTS, GROUP, on_evidence_receipt)
