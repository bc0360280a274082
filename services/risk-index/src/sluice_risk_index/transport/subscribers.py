"""Stream subscribers: decode, call one use case."""

from dataclasses import replace

from sluice_risk_index.application.apply_findings import ApplyFindings
from sluice_risk_index.application.settle_alerts import SettleAlerts
from sluice_risk_index.application.take_evidence import TakeEvidence
from sluice_risk_index.domain.observed import FindingsChunk, UnreadableObservationError
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import AlertReceipt, EvidenceReceived
from sluice_shared.contracts.topics import ALERT_RECEIPTS, EVIDENCE, FINDINGS
from sluice_shared.errors import Reject

GROUP = "risk-index"
UNREADABLE = "unreadable_observation"

# The same stream; only what is used of its events is validated.
_FINDINGS = replace(FINDINGS, event=FindingsChunk)


def subscribe(bus: Bus, apply: ApplyFindings, settle: SettleAlerts, take: TakeEvidence, *, chunks_at_once: int) -> None:
    """Take changes of findings, evidence, and receipts of alerts."""

    async def on_findings(chunk: FindingsChunk, _delivery: Delivery) -> None:
        try:
            await apply(chunk)
        except UnreadableObservationError as error:
            raise Reject(UNREADABLE, str(error)) from error

    async def on_findings_set_apart(chunk: FindingsChunk, reason: str, detail: str) -> None:
        await apply.give_up(chunk, f"{reason}: {detail}")

    async def on_receipt(receipt: AlertReceipt, _delivery: Delivery) -> None:
        await settle(receipt)

    async def on_evidence(event: EvidenceReceived, _delivery: Delivery) -> None:
        await take(event)

    async def on_evidence_set_apart(event: EvidenceReceived, reason: str, detail: str) -> None:
        await take.give_up(event, f"{reason}: {detail}")

    bus.subscribe(_FINDINGS, GROUP, on_findings, max_at_once=chunks_at_once, set_apart=on_findings_set_apart)
    bus.subscribe(ALERT_RECEIPTS, GROUP, on_receipt)
    bus.subscribe(EVIDENCE, GROUP, on_evidence, set_apart=on_evidence_set_apart)
