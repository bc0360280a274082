"""The tables of walks over all findings: how far one is, and what it has to tell at its end."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Double, Identity, text
from sqlmodel import Field

from sluice_risk_index.storage.table_base import Base, moment, text_column


class DigestRow(Base, table=True):
    """What a change of rules means to an owner, until it is told; the worst finding is the one it is shown at."""

    __tablename__: ClassVar[str] = "digest"

    team: str = Field(sa_column=text_column(primary_key=True))
    breached: int
    earlier: int
    later: int
    gained: int
    lost: int
    reclassed: int
    worst_asset: UUID
    worst_finding: UUID
    worst_rank: float = Field(sa_column=Column(Double, nullable=False))


class RecalculationRow(Base, table=True):
    """A walk over all open findings, for changed rules or for their age, and how far it is: any replica goes on.

    One that ``tells`` ends with the digests.
    """

    __tablename__: ClassVar[str] = "recalculation"

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    rules_version: str = Field(sa_column=text_column())
    started_at: datetime = Field(sa_column=moment())
    finished_at: datetime | None = Field(sa_column=moment(nullable=True))
    after_asset: UUID | None = None
    after_finding: UUID | None = None
    tells: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    seen: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    changed: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
