"""A delivery: one message to one receiver, and what has become of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sluice_notifier.domain.message import Message, MessageKind


class DeliveryState(StrEnum):
    """``due`` until it has ended; ``superseded`` when its alerts went into a digest."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    SILENCED = "silenced"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send until the lease ends; ``attempt`` counts from 1."""

    message: Message
    attempt: int
    give_up_at: datetime
    group_key: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as its row has it."""

    id: UUID
    receiver: str
    channel: str
    kind: MessageKind
    state: DeliveryState
    group_labels: dict[str, Any]
    alerts: int
    attempts: int
    created_at: datetime
    sealed_at: datetime | None
    sent_at: datetime | None
    next_attempt_at: datetime | None
    last_reason: str | None
    last_error: str | None
    idempotency_key: str
    ticket_ref: str | None
    ticket_status: str | None
    muted_by: str | None
    superseded_by: UUID | None
    teams: list[str]
    levels: list[str]
    alert_ids: list[UUID]
    payload: dict[str, Any] | None
