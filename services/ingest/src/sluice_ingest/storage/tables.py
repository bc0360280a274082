"""The tables of ingest; ``migrations/versions`` makes them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = "ingest"


class Base(SQLModel):
    """The base of ingest's tables, apart from any other service's."""

    metadata = MetaData(schema=SCHEMA)


def _moment(*, nullable: bool = True) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _text(*, nullable: bool = True) -> Any:
    return Column(Text, nullable=nullable)


class ReportRow(Base, table=True):
    """A report; the row is its own outbox: it is due while `due_at` is set."""

    __tablename__: ClassVar[str] = "report"
    __table_args__ = (
        UniqueConstraint("sequence", name="report_sequence_key"),
        CheckConstraint("status IN ('accepted', 'indexed', 'rejected', 'stuck')", name="report_status_known"),
        CheckConstraint("(status = 'accepted') = (due_at IS NOT NULL)", name="report_due_while_accepted"),
        Index(
            "report_idempotency_key",
            "sender",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index(
            "report_under_way",
            "fingerprint",
            unique=True,
            postgresql_where=text("status = 'accepted' AND idempotency_key IS NULL"),
        ),
        Index("report_due", "lane", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("report_fingerprint", "fingerprint", "sequence"),
        Index("report_body", "body_sha256"),
        Index("report_body_kept", "received_at", postgresql_where=text("body_deleted_at IS NULL")),
        Index("report_asset", "asset", "sequence"),
        Index("report_evidence", "sequence", postgresql_where=text("evidence IS NOT NULL")),
        Index("report_status", "status", "sequence"),
        Index("report_scanner", func.coalesce(text("detected_scanner"), text("scanner")), "sequence"),
    )

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    asset: str = Field(sa_column=_text(nullable=False))
    asset_id: UUID
    ref: str = Field(sa_column=_text(nullable=False))
    commit: str | None = Field(default=None, sa_column=_text())
    scanner: str | None = Field(default=None, sa_column=_text())
    category: str = Field(sa_column=_text(nullable=False))
    complete: bool
    scanned_at: datetime | None = Field(default=None, sa_column=_moment())
    received_at: datetime = Field(sa_column=_moment(nullable=False))
    filename: str | None = Field(default=None, sa_column=_text())
    source: str = Field(sa_column=_text(nullable=False))
    sender: str = Field(sa_column=_text(nullable=False))
    idempotency_key: str | None = Field(default=None, sa_column=_text())
    fingerprint: str = Field(sa_column=_text(nullable=False))
    body_ref: str = Field(sa_column=_text(nullable=False))
    body_sha256: str = Field(sa_column=_text(nullable=False))
    body_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    wire_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    body_deleted_at: datetime | None = Field(default=None, sa_column=_moment())
    lane: str = Field(sa_column=_text(nullable=False))
    status: str = Field(sa_column=_text(nullable=False))
    reason: str | None = Field(default=None, sa_column=_text())
    detail: str | None = Field(default=None, sa_column=_text())
    detected_scanner: str | None = Field(default=None, sa_column=_text())
    counts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    attempts: int = 0
    published_at: datetime | None = Field(default=None, sa_column=_moment())
    due_at: datetime | None = Field(default=None, sa_column=_moment())
    finished_at: datetime | None = Field(default=None, sa_column=_moment())
    duplicate_of: UUID | None = None
    evidence: str | None = Field(default=None, sa_column=_text())


class TokenRow(Base, table=True):
    """A token; of its text only the SHA-256 is kept."""

    __tablename__: ClassVar[str] = "token"
    __table_args__ = (
        UniqueConstraint("digest", name="token_digest_key"),
        Index("token_name", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    digest: str = Field(sa_column=_text(nullable=False))
    name: str = Field(sa_column=_text(nullable=False))
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    assets: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    created_by: str | None = Field(default=None, sa_column=_text())
    expires_at: datetime | None = Field(default=None, sa_column=_moment())
    revoked_at: datetime | None = Field(default=None, sa_column=_moment())
    last_used_at: datetime | None = Field(default=None, sa_column=_moment())
