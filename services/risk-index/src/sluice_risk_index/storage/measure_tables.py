"""The tables of what was scanned, measured and previewed; see :mod:`sluice_risk_index.storage.tables`."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, JSON, BigInteger, Column, Double, Index, Uuid
from sqlmodel import Field

from sluice_risk_index.storage.table_base import Base, moment, text_column


class CoverageRow(Base, table=True):
    """When a scanner last looked at a ref of an asset for a kind of problem; ``kind`` is empty where it did not say.

    ``last_scan_at`` is null where every scan failed: something may be known of the ref, but it is not covered.
    """

    __tablename__: ClassVar[str] = "coverage"
    __table_args__ = (Index("coverage_ref", "ref", "asset_id"), Index("coverage_practice", "scanner", "kind"))

    asset_id: UUID = Field(primary_key=True)
    scanner: str = Field(sa_column=text_column(primary_key=True))
    kind: str = Field(sa_column=text_column(primary_key=True))
    ref: str = Field(sa_column=text_column(primary_key=True))
    commit: str | None = Field(sa_column=text_column(nullable=True))
    last_scan_at: datetime | None = Field(sa_column=moment(nullable=True))


class SnapshotRow(Base, table=True):
    """What a group of findings was measured by on a day (UTC); see :mod:`sluice_risk_index.domain.measures`."""

    __tablename__: ClassVar[str] = "snapshot"
    __table_args__ = (Index("snapshot_day", "day"),)

    level: str = Field(sa_column=text_column(primary_key=True))
    name: str = Field(sa_column=text_column(primary_key=True))
    day: date = Field(primary_key=True)
    at: datetime = Field(sa_column=moment())
    open: int = Field(sa_column=Column(BigInteger, nullable=False))
    index: float = Field(sa_column=Column(Double, nullable=False))
    measures: Any = Field(sa_column=Column(JSON, nullable=False))


class DecisionPreviewRow(Base, table=True):
    """Which findings a filter named when a decision on them was previewed; forgotten after a day."""

    __tablename__: ClassVar[str] = "decision_preview"
    __table_args__ = (Index("decision_preview_at", "at"),)

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_column=moment())
    made_by: str = Field(sa_column=text_column())
    filter: Any = Field(sa_column=Column(JSON, nullable=False))
    findings: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
