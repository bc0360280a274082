"""The tables of the risk index; ``migrations/versions`` makes them.

The primary keys of what grows with the findings begin with ``asset_id``, so that these tables can be partitioned or
distributed by it. What lists read is in ``finding``; what only one finding's page shows is beside it in
``finding_detail``, so that a page of a list touches few blocks.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    Computed,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    Interval,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from sluice_risk_index.storage.feed_tables import EpssRow, FeedRow, KevRow, RescoringRow
from sluice_risk_index.storage.measure_tables import CoverageRow, DecisionPreviewRow, SnapshotRow
from sluice_risk_index.storage.table_base import SCHEMA, Base, moment, text_column, texts
from sluice_risk_index.storage.walk_tables import DigestRow, RecalculationRow

__all__ = [
    "SCHEMA",
    "Base",
    "CoverageRow",
    "DecisionPreviewRow",
    "DigestRow",
    "EpssRow",
    "FeedRow",
    "KevRow",
    "RecalculationRow",
    "RescoringRow",
    "SnapshotRow",
]


class AssetRow(Base, table=True):
    """An asset, with what the catalogue says of it."""

    __tablename__: ClassVar[str] = "asset"
    # The id is derived from the first key. A second unique index would let two first chunks of an asset collide on
    # it, which the upsert on the id does not cover.
    __table_args__ = (
        Index("asset_key", "key"),
        Index("asset_aliases", "aliases", postgresql_using="gin"),
    )

    asset_id: UUID = Field(primary_key=True)
    key: str = Field(sa_column=text_column())
    title: str | None = Field(sa_column=text_column(nullable=True))
    team: str = Field(sa_column=text_column())
    tier: str = Field(sa_column=text_column())
    criticality: str = Field(sa_column=text_column())
    exposure: str = Field(sa_column=text_column())
    environment: str | None = Field(sa_column=text_column(nullable=True))
    data_class: str | None = Field(sa_column=text_column(nullable=True))
    tags: list[str] = Field(sa_column=texts())
    first_seen_at: datetime = Field(sa_column=moment())
    last_scan_at: datetime | None = Field(sa_column=moment(nullable=True))
    aliases: list[str] = Field(sa_column=texts())
    renames: int


class FacetRow(Base, table=True):
    """A combination of values by which lists are filtered; a finding names its own by number.

    There are a few hundred of them, however many findings there are. A list with filters is merged from the facets that
    match, each of which is in order already, so that its cost does not depend on how rare the matches are.
    """

    __tablename__: ClassVar[str] = "facet"
    __table_args__ = (
        UniqueConstraint(
            "status", "risk_class", "severity", "kind", "sla_state", "tier", "decision", "scanners",
            name="facet_values_key",
        ),
    )  # fmt: skip

    id: int = Field(sa_column=Column(Integer, Identity(always=True), primary_key=True))
    status: str = Field(sa_column=text_column())
    risk_class: str = Field(sa_column=text_column())
    severity: str = Field(sa_column=text_column())
    kind: str = Field(sa_column=text_column())
    sla_state: str = Field(sa_column=text_column())
    tier: str = Field(sa_column=text_column())
    decision: str = Field(sa_column=text_column())
    scanners: list[str] = Field(sa_column=texts())


_DUE = text("coalesce(due_at, 'infinity'::timestamptz)")
_OPEN = text("status = 'open'")


class FindingRow(Base, table=True):
    """A finding; the columns are those of :class:`sluice_risk_index.domain.finding.Finding`.

    Besides there is ``refs_key``, a hash of the refs, which stands for them in an index: they themselves may be too
    many for one. Two sets of refs of one asset have the same key less often than a disk errs.
    """

    __tablename__: ClassVar[str] = "finding"
    __table_args__ = (
        Index("finding_id", "id"),
        Index("finding_score", "facet", "score", "id"),
        Index("finding_due", "facet", _DUE, "id"),
        Index("finding_first_seen", "facet", "first_seen_at", "id"),
        Index("finding_team_score", "team", "facet", "score", "id", postgresql_where=_OPEN),
        Index("finding_team_due", "team", "facet", _DUE, "id", postgresql_where=_OPEN),
        Index("finding_team_first_seen", "team", "facet", "first_seen_at", "id", postgresql_where=_OPEN),
        Index(
            "finding_measured",
            "asset_id",
            "refs_key",
            "facet",
            postgresql_include=["team", "score", "first_seen_at", "id"],
            postgresql_where=_OPEN,
        ),
        Index(
            "finding_ended",
            "resolved_at",
            postgresql_include=["asset_id", "team", "risk_class", "sla_state", "opened_at", "first_seen_at"],
            postgresql_where=text("status = 'resolved'"),
        ),
        Index(
            "finding_detected",
            "first_seen_at",
            postgresql_include=["asset_id", "team", "risk_class", "published_at"],
            postgresql_where=text("published_at IS NOT NULL"),
        ),
        Index(
            "finding_returned",
            "opened_at",
            postgresql_include=["asset_id", "team"],
            postgresql_where=text("clock > 0 AND status = 'open'"),
        ),
        Index("finding_timer", "next_timer_at", postgresql_where=text("next_timer_at IS NOT NULL")),
        Index("finding_decided_until", "decided_until", postgresql_where=text("decided_until IS NOT NULL")),
        Index("finding_exception", "exception_id", postgresql_where=text("exception_id IS NOT NULL")),
        Index(
            "finding_search",
            text("array_to_tsvector(string_to_array(terms, ' ') || identifiers)"),
            postgresql_using="gin",
        ),
        {"postgresql_with": {"fillfactor": 90}},
    )

    asset_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    status: str = Field(sa_column=text_column())
    severity: str = Field(sa_column=text_column())
    severity_rank: int = Field(sa_column=Column(SmallInteger, nullable=False))
    kind: str = Field(sa_column=text_column())
    title: str = Field(sa_column=text_column())
    rule_id: str = Field(sa_column=text_column())
    scanners: list[str] = Field(sa_column=texts())
    identifiers: list[str] = Field(sa_column=texts())
    cwes: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    refs: list[str] = Field(sa_column=texts())
    package: str | None = Field(sa_column=text_column(nullable=True))
    purl: str | None = Field(sa_column=text_column(nullable=True))
    path: str | None = Field(sa_column=text_column(nullable=True))
    location: str | None = Field(sa_column=text_column(nullable=True))
    fix_action: str | None = Field(sa_column=text_column(nullable=True))
    terms: str = Field(sa_column=text_column())
    facts: Any = Field(sa_column=Column(JSON, nullable=False))
    published_at: datetime | None = Field(sa_column=moment(nullable=True))
    first_seen_at: datetime = Field(sa_column=moment())
    opened_at: datetime = Field(sa_column=moment())
    resolved_at: datetime | None = Field(sa_column=moment(nullable=True))
    clock: int = Field(sa_column=Column(Integer, nullable=False))
    score: float = Field(sa_column=Column(Double, nullable=False))
    score_factors: Any = Field(sa_column=Column(JSON, nullable=False))
    risk_class: str = Field(sa_column=text_column())
    class_reason: str = Field(sa_column=text_column())
    team: str = Field(sa_column=text_column())
    owner_reason: str = Field(sa_column=text_column())
    tier: str = Field(sa_column=text_column())
    sla_state: str = Field(sa_column=text_column())
    sla_started_at: datetime | None = Field(sa_column=moment(nullable=True))
    due_at: datetime | None = Field(sa_column=moment(nullable=True))
    timer_reached: float = Field(sa_column=Column(Double, nullable=False))
    next_timer_at: datetime | None = Field(sa_column=moment(nullable=True))
    facet: int = Field(sa_column=Column(Integer, nullable=False))
    policy_version: str = Field(sa_column=text_column())
    decision: str = Field(sa_column=text_column())
    decided: str = Field(sa_column=text_column())
    decided_until: datetime | None = Field(sa_column=moment(nullable=True))
    exception_id: str | None = Field(sa_column=text_column(nullable=True))
    paused_at: datetime | None = Field(sa_column=moment(nullable=True))
    paused_for: timedelta = Field(sa_column=Column(Interval, nullable=False))
    known_exploited: bool
    refs_key: int = Field(
        sa_column=Column(BigInteger, Computed("hash_array_extended(refs, 0)", persisted=True), nullable=True)
    )


class FindingDetailRow(Base, table=True):
    """What the scanners said, as it came, and the keys by which the finding is recognised."""

    __tablename__: ClassVar[str] = "finding_detail"

    asset_id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(primary_key=True)
    keys: Any = Field(sa_column=Column(JSON, nullable=False))
    observations: Any = Field(sa_column=Column(JSON, nullable=False))


class FindingHistoryRow(Base, table=True):
    """A line of a finding's history; appended, never changed."""

    __tablename__: ClassVar[str] = "finding_history"

    asset_id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    event: str = Field(sa_column=text_column(primary_key=True))
    was: str | None = Field(sa_column=text_column(nullable=True))
    now: str | None = Field(sa_column=text_column(nullable=True))


class DecisionRow(Base, table=True):
    """A decision of a person on a finding, or its end; appended, never changed."""

    __tablename__: ClassVar[str] = "decision"

    asset_id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    state: str = Field(sa_column=text_column())
    reason: str = Field(sa_column=text_column())
    until: datetime | None = Field(sa_column=moment(nullable=True))
    decided_by: str = Field(sa_column=text_column())
    decided_at: datetime = Field(sa_column=moment())


class AuditRow(Base, table=True):
    """Who did what, when and why; appended, never changed. ``subject`` is what it was done to."""

    __tablename__: ClassVar[str] = "audit"
    __table_args__ = (Index("audit_subject", "subject", "id"),)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = Field(sa_column=moment())
    actor: str = Field(sa_column=text_column())
    action: str = Field(sa_column=text_column())
    subject: str = Field(sa_column=text_column())
    reason: str = Field(sa_column=text_column())
    detail: Any = Field(sa_column=Column(JSON, nullable=False))


class AlertRow(Base, table=True):
    """An alert; the row is its own outbox: it is due until notifier's receipt settles it."""

    __tablename__: ClassVar[str] = "alert"
    __table_args__ = (
        UniqueConstraint("finding_id", "level", "step", "clock", name="alert_once_key"),
        Index("alert_due", "due_at", postgresql_where=text("settled_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    asset_id: UUID
    finding_id: UUID
    level: str = Field(sa_column=text_column())
    step: int = Field(sa_column=Column(SmallInteger, nullable=False))
    clock: int = Field(sa_column=Column(Integer, nullable=False))
    team: str = Field(sa_column=text_column())
    payload: Any = Field(sa_column=Column(JSON, nullable=False))
    raised_at: datetime = Field(sa_column=moment())
    due_at: datetime = Field(sa_column=moment())
    attempts: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    published_at: datetime | None = Field(sa_column=moment(nullable=True))
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))


class EmissionRow(Base, table=True):
    """Which chunks of an emission have been committed; the report is indexed when all have."""

    __tablename__: ClassVar[str] = "emission"
    __table_args__ = (Index("emission_at", "at"),)

    emission_id: UUID = Field(primary_key=True)
    report_id: UUID
    chunks: int = Field(sa_column=Column(Integer, nullable=False))
    seen: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    at: datetime = Field(sa_column=moment())
