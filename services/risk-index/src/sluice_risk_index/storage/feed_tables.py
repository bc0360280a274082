"""The tables of what feeds say."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Double
from sqlmodel import Field

from sluice_risk_index.storage.table_base import Base, moment, text_column


class FeedRow(Base, table=True):
    """The edition of a feed that is in use."""

    __tablename__: ClassVar[str] = "feed"

    name: str = Field(sa_column=text_column(primary_key=True))
    version: str = Field(sa_column=text_column())
    released_at: datetime = Field(sa_column=moment())
    entries: int
    etag: str | None = Field(sa_column=text_column(nullable=True))
    last_modified: str | None = Field(sa_column=text_column(nullable=True))
    taken_at: datetime = Field(sa_column=moment())


class EpssRow(Base, table=True):
    """A CVE's EPSS score; ``applied`` is the one by which findings were scored last."""

    __tablename__: ClassVar[str] = "epss"

    cve: str = Field(sa_column=text_column(primary_key=True))
    score: float = Field(sa_column=Column(Double, nullable=False))
    percentile: float = Field(sa_column=Column(Double, nullable=False))
    applied: float = Field(sa_column=Column(Double, nullable=False))


class KevRow(Base, table=True):
    """An entry of CISA's KEV; ``news`` unless it was there when KEV was first read."""

    __tablename__: ClassVar[str] = "kev"

    cve: str = Field(sa_column=text_column(primary_key=True))
    added: date
    due: date
    ransomware: bool
    news: bool


class RescoringRow(Base, table=True):
    """A finding that a feed touched and that has yet to be scored again."""

    __tablename__: ClassVar[str] = "rescoring"

    asset_id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(primary_key=True)
