"""Stream subscribers: both lanes of reports lead to the same use case; receipts end what people did to identities."""

from sluice_normaliser.application.normalise_report import Lane, NormaliseReport
from sluice_normaliser.application.publish_actions import PublishActions
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import ReportReceipt, ReportReceived
from sluice_shared.contracts.topics import REPORT_RECEIPTS, REPORTS, REPORTS_BULK, Topic

GROUP = "normaliser"


def subscribe(
    bus: Bus,
    normalise: NormaliseReport,
    actions: PublishActions,
    *,
    max_at_once: int,
    in_line: int,
    bulk_in_line: int,
) -> None:
    """Take reports from both lanes; each lane works on its own, so that neither waits for the other.

    ``in_line`` and ``bulk_in_line`` are how many chunks of changes may wait for the risk index.
    """

    async def on_receipt(receipt: ReportReceipt, _delivery: Delivery) -> None:
        if receipt.status == "indexed":
            await actions.settle(receipt.report_id)
        elif receipt.status == "stuck":
            await actions.set_apart(receipt.report_id, receipt.detail)

    _subscribe(bus, REPORTS, normalise, Lane(in_line), max_at_once=max_at_once)
    _subscribe(bus, REPORTS_BULK, normalise, Lane(bulk_in_line, large=True), max_at_once=1)
    bus.subscribe(REPORT_RECEIPTS, GROUP, on_receipt)


def _subscribe(bus: Bus, topic: Topic, normalise: NormaliseReport, lane: Lane, *, max_at_once: int) -> None:
    async def handle(event: ReportReceived, _delivery: Delivery) -> None:
        await normalise(event, lane)

    async def set_apart(event: ReportReceived, reason: str, detail: str) -> None:
        await normalise.give_up(event, f"{reason}: {detail}")

    bus.subscribe(topic, GROUP, handle, max_at_once=max_at_once, set_apart=set_apart)
