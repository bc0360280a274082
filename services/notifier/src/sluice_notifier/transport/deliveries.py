"""HTTP: the delivery log."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from sluice_notifier.application.list_deliveries import ListDeliveries
from sluice_notifier.application.retry_delivery import RetryDelivery
from sluice_notifier.application.show_delivery import ShowDelivery
from sluice_notifier.domain.delivery import Delivery, DeliveryState
from sluice_notifier.domain.message import MessageKind
from sluice_notifier.domain.outcome import Reason
from sluice_notifier.storage.deliveries import Filter
from sluice_notifier.transport.access import Reader, Writer, asset_patterns
from sluice_notifier.transport.paging import Cursor, Limit, id_in, next_cursor
from sluice_shared.contracts.events import AlertLevel
from sluice_shared.http import Page


class DeliveryView(BaseModel):
    """One message to one receiver, and what has become of it."""

    id: UUID
    receiver: str
    channel: str
    kind: MessageKind
    state: DeliveryState
    teams: list[str]
    levels: list[AlertLevel]
    group: dict[str, Any] = Field(description="Labels that its alerts share")
    alerts: int = Field(description="How many alerts it stands for")
    alert_ids: list[UUID] = Field(description="The first 500 of them, by score")
    attempts: int
    reason: Reason | None = Field(description="Why the last attempt failed; null when it did not")
    error: str | None = Field(description="The same for people; after success a remark of the channel, if it has one")
    idempotency_key: str = Field(description="The webhook-id or the local part of the Message-ID")
    ticket_ref: str | None
    ticket_status: str | None
    muted_by: str | None = Field(description="The silence or the inhibit rule, when it was silenced")
    superseded_by: UUID | None = Field(description="The digest that its alerts went into")
    created_at: datetime
    sealed_at: datetime | None = Field(description="Since when its content stands")
    next_attempt_at: datetime | None
    sent_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the view of a delivery."""
        return cls(**_fields(delivery))


class DeliveryDetail(DeliveryView):
    """A delivery with what it sends."""

    message: dict[str, Any] | None = Field(description="Null until it is sealed")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the view of a delivery that was read with its message."""
        return cls(**_fields(delivery), message=delivery.payload)


def _fields(delivery: Delivery) -> dict[str, Any]:
    same = {name: getattr(delivery, name) for name in DeliveryView.model_fields if hasattr(delivery, name)}
    return same | {
        "group": delivery.group_labels,
        "reason": delivery.last_reason,
        "error": delivery.last_error,
    }


def deliveries_router(list_page: ListDeliveries, show: ShowDelivery, retry: RetryDelivery) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])

    @router.get("", summary="List deliveries, newest first")
    async def list_deliveries(
        principal: Reader,
        receiver: str | None = None,
        state: DeliveryState | None = None,
        team: str | None = None,
        level: AlertLevel | None = None,
        alert_id: UUID | None = None,
        finding_id: UUID | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[DeliveryView]:
        """`team`, `level`, `alert_id` and `finding_id` ask for deliveries with at least one such alert."""
        wanted = Filter(
            receiver=receiver,
            state=state,
            team=team,
            level=level.value if level else None,
            alert_id=alert_id,
            finding_id=finding_id,
            assets=asset_patterns(principal),
        )
        page, following = await list_page(wanted, before=id_in(cursor), limit=limit)
        return Page(items=[DeliveryView.of(one) for one in page], next_cursor=next_cursor(following))

    @router.get("/{delivery_id}", summary="Show a delivery with what it sends")
    async def show_delivery(principal: Reader, delivery_id: UUID) -> DeliveryDetail:
        """Show the message that every attempt sends, before its channel puts it into its own form."""
        return DeliveryDetail.of(await show(delivery_id, asset_patterns(principal)))

    @router.post("/{delivery_id}/retry", status_code=202, summary="Try a failed delivery again")
    async def retry_delivery(principal: Writer, delivery_id: UUID) -> DeliveryView:
        """Send the same message under the same idempotency key; only what has failed can be retried."""
        return DeliveryView.of(await retry(delivery_id, by=principal.name))

    return router
