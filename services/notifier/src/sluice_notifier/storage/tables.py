"""The tables of the notifier; ``migrations/versions`` makes them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, REAL
from sqlmodel import Field, SQLModel

SCHEMA = "notifier"
_UNSEALED = text("state = 'due' AND sealed_at IS NULL")
_SEALED = text("state = 'due' AND sealed_at IS NOT NULL")
_DUE = text("state = 'due'")


class Base(SQLModel):
    """The base of the notifier's tables, apart from any other service's."""

    metadata = MetaData(schema=SCHEMA)


def _moment(*, nullable: bool = True) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _text(*, nullable: bool = True) -> Any:
    return Column(Text, nullable=nullable)


class AlertRow(Base, table=True):
    """An alert that was taken over; it is never changed."""

    __tablename__: ClassVar[str] = "alert"
    __table_args__ = (
        Index("alert_finding", "finding_id"),
        Index("alert_asset", "asset", "received_at"),
        Index("alert_team", "team", "received_at"),
    )

    id: UUID = Field(primary_key=True)
    finding_id: UUID
    asset: str = Field(sa_column=_text(nullable=False))
    team: str = Field(sa_column=_text(nullable=False))
    level: str = Field(sa_column=_text(nullable=False))
    clock: int
    score: float = Field(sa_column=Column(REAL, nullable=False))
    raised_at: datetime = Field(sa_column=_moment(nullable=False))
    received_at: datetime = Field(sa_column=_moment(nullable=False))
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class DeliveryRow(Base, table=True):
    """One message to one receiver. It gathers alerts until it is sealed; from then on its ``payload`` is what goes out.

    It is its own outbox: due while ``state`` is ``due``, and in somebody's hands until ``leased_until``.
    """

    __tablename__: ClassVar[str] = "delivery"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'sent', 'failed', 'silenced', 'superseded')", name="delivery_state_known"),
        CheckConstraint("(state = 'due') = (next_attempt_at IS NOT NULL)", name="delivery_next_while_due"),
        Index("delivery_open_group", "receiver", "group_key", unique=True, postgresql_where=_UNSEALED),
        Index("delivery_sealed_group", "receiver", "group_key", postgresql_where=_SEALED),
        Index("delivery_due", "receiver", "next_attempt_at", postgresql_where=_DUE),
        Index("delivery_group", "receiver", "group_key", "sealed_at"),
        Index("delivery_sealed", "receiver", "sealed_at"),
        Index("delivery_receiver", "receiver", "id"),
        Index("delivery_state", "state", "id"),
    )

    id: UUID = Field(primary_key=True)
    receiver: str = Field(sa_column=_text(nullable=False))
    channel: str = Field(sa_column=_text(nullable=False))
    kind: str = Field(sa_column=_text(nullable=False))
    group_key: str = Field(sa_column=_text(nullable=False))
    group_labels: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_column=_text(nullable=False))
    attempts: int
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    next_attempt_at: datetime | None = Field(default=None, sa_column=_moment())
    leased_until: datetime | None = Field(default=None, sa_column=_moment())
    sealed_at: datetime | None = Field(default=None, sa_column=_moment())
    give_up_at: datetime | None = Field(default=None, sa_column=_moment())
    sent_at: datetime | None = Field(default=None, sa_column=_moment())
    last_reason: str | None = Field(default=None, sa_column=_text())
    last_error: str | None = Field(default=None, sa_column=_text())
    idempotency_key: str = Field(sa_column=_text(nullable=False))
    ticket_ref: str | None = Field(default=None, sa_column=_text())
    ticket_status: str | None = Field(default=None, sa_column=_text())
    muted_by: str | None = Field(default=None, sa_column=_text())
    superseded_by: UUID | None = None
    payload: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))


class DeliveryAlertRow(Base, table=True):
    """That an alert goes to a receiver, once and in this delivery."""

    __tablename__: ClassVar[str] = "delivery_alert"
    __table_args__ = (Index("delivery_alert_delivery", "delivery_id"),)

    alert_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("notifier.alert.id"), primary_key=True))
    receiver: str = Field(sa_column=Column(Text, primary_key=True))
    delivery_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("notifier.delivery.id"), nullable=False))


class TicketRow(Base, table=True):
    """A ticket of a receiver: its group's key, and what its tracker said at the last look."""

    __tablename__: ClassVar[str] = "ticket"
    __table_args__ = (Index("ticket_check", "next_check_at"),)

    receiver: str = Field(sa_column=Column(Text, primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    ref: str = Field(sa_column=_text(nullable=False))
    url: str | None = Field(default=None, sa_column=_text())
    status: str | None = Field(default=None, sa_column=_text())
    done: bool
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    checked_at: datetime = Field(sa_column=_moment(nullable=False))
    next_check_at: datetime = Field(sa_column=_moment(nullable=False))


class SilenceRow(Base, table=True):
    """A silence; it is never deleted, only ended."""

    __tablename__: ClassVar[str] = "silence"
    __table_args__ = (Index("silence_ends", "ends_at"),)

    id: UUID = Field(primary_key=True)
    matchers: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    starts_at: datetime = Field(sa_column=_moment(nullable=False))
    ends_at: datetime = Field(sa_column=_moment(nullable=False))
    created_by: str = Field(sa_column=_text(nullable=False))
    created_with: str = Field(sa_column=_text(nullable=False))
    comment: str = Field(sa_column=_text(nullable=False))
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    expired_by: str | None = Field(default=None, sa_column=_text())
