"""HTTP: receivers, without their options."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from sluice_notifier.application.list_receivers import ListReceivers
from sluice_notifier.application.send_test import SendTest
from sluice_notifier.domain.delivery import DeliveryState
from sluice_notifier.domain.outcome import Reason, Retryable
from sluice_notifier.transport.access import Reader, Writer


class LastDelivery(BaseModel):
    """The newest delivery that was tried."""

    id: UUID
    state: DeliveryState
    reason: Reason | None
    error: str | None
    sent_at: datetime | None


class ReceiverView(BaseModel):
    """A receiver of routes.yaml."""

    name: str
    channel: str
    max_per_hour: int | None
    due: int = Field(description="Deliveries that have not ended")
    last: LastDelivery | None


class Receivers(BaseModel):
    """All receivers."""

    items: list[ReceiverView]


class TrialView(BaseModel):
    """How the test went."""

    outcome: Literal["sent", "failed"]
    reason: Reason | None = None
    retryable: bool | None = Field(default=None, description="Whether a delivery would be tried again by itself")
    detail: str | None = None
    ticket_ref: str | None = None


def receivers_router(receivers: ListReceivers, test: SendTest) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/receivers", tags=["receivers"])

    @router.get("", summary="List receivers and how each does")
    async def list_receivers(_: Reader) -> Receivers:
        """By name; addresses and secrets are not shown."""
        found = await receivers()
        return Receivers(
            items=[
                ReceiverView(
                    name=one.receiver.name,
                    channel=one.receiver.channel,
                    max_per_hour=one.receiver.max_per_hour,
                    due=one.last.due,
                    last=None
                    if one.last.delivery_id is None or one.last.state is None
                    else LastDelivery(
                        id=one.last.delivery_id,
                        state=one.last.state,
                        reason=Reason(one.last.reason) if one.last.reason else None,
                        error=one.last.error,
                        sent_at=one.last.sent_at,
                    ),
                )
                for one in found
            ]
        )

    @router.post("/{name}/test", summary="Send a test message")
    async def send_test(_: Writer, name: str) -> TrialView:
        """Send it at once, without keeping it in the delivery log; a receiver that keeps tickets opens one."""
        outcome = await test(name)
        if outcome.error is not None:
            error = outcome.error
            return TrialView(
                outcome="failed",
                reason=error.reason,
                retryable=isinstance(error, Retryable),
                detail=error.detail,
            )
        receipt = outcome.receipt
        ticket = receipt.ticket if receipt else None
        return TrialView(
            outcome="sent", detail=receipt.note if receipt else None, ticket_ref=ticket.ref if ticket else None
        )

    return router
