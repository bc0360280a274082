"""The tables of evidence and of exceptions by API; ``migrations/versions`` makes them."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, JSON, BigInteger, Boolean, Column, Date, DateTime, Integer, Text
from sqlmodel import Field

from sluice_risk_index.storage.tables import Base


def _text(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Column(Text, nullable=nullable, primary_key=primary_key)


def _moment(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _sequence() -> Any:
    return Column(BigInteger, nullable=False)


class CodeownersRow(Base, table=True):
    """The CODEOWNERS of an asset that were pushed last; ``digest`` is the SHA-256 of their text."""

    __tablename__: ClassVar[str] = "codeowners"

    asset_id: UUID = Field(primary_key=True)
    asset: str = Field(sa_column=_text())
    digest: str = Field(sa_column=_text())
    body: str = Field(sa_column=_text())
    ref: str = Field(sa_column=_text())
    commit: str | None = Field(sa_column=_text(nullable=True))
    source: str | None = Field(sa_column=_text(nullable=True))
    evidence_id: UUID
    made_at: datetime = Field(sa_column=_moment())
    sequence: int = Field(sa_column=_sequence())


class VexDocumentRow(Base, table=True):
    """A VEX document about an asset, in the version issued last; ``author`` is empty where it names none."""

    __tablename__: ClassVar[str] = "vex_document"

    asset_id: UUID = Field(primary_key=True)
    id: str = Field(sa_column=_text(primary_key=True))
    author: str = Field(sa_column=_text(primary_key=True))
    asset: str = Field(sa_column=_text())
    form: str = Field(sa_column=_text())
    version: str | None = Field(sa_column=_text(nullable=True))
    statements: int = Field(sa_column=Column(Integer, nullable=False))
    unused: int = Field(sa_column=Column(Integer, nullable=False))
    source: str | None = Field(sa_column=_text(nullable=True))
    evidence_id: UUID
    issued_at: datetime = Field(sa_column=_moment())
    sequence: int = Field(sa_column=_sequence())


class VexStatementRow(Base, table=True):
    """A statement, once for each name of its vulnerability; ``identifier`` is in capitals."""

    __tablename__: ClassVar[str] = "vex_statement"

    asset_id: UUID = Field(primary_key=True)
    identifier: str = Field(sa_column=_text(primary_key=True))
    document: str = Field(sa_column=_text(primary_key=True))
    author: str = Field(sa_column=_text(primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    status: str = Field(sa_column=_text())
    stated_at: datetime = Field(sa_column=_moment())
    justification: str | None = Field(sa_column=_text(nullable=True))
    statement: str | None = Field(sa_column=_text(nullable=True))
    packages: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class ProofRow(Base, table=True):
    """When a practice was last proved of a ref of an asset, and in which form."""

    __tablename__: ClassVar[str] = "proof"

    asset_id: UUID = Field(primary_key=True)
    practice: str = Field(sa_column=_text(primary_key=True))
    ref: str = Field(sa_column=_text(primary_key=True))
    form: str = Field(sa_column=_text())
    commit: str | None = Field(sa_column=_text(nullable=True))
    entries: int = Field(sa_column=Column(Integer, nullable=False))
    source: str | None = Field(sa_column=_text(nullable=True))
    evidence_id: UUID
    made_at: datetime = Field(sa_column=_moment())
    sequence: int = Field(sa_column=_sequence())


class ExceptionRow(Base, table=True):
    """An exception by API; ``entry`` is what its file would say. Ended ones stay on record."""

    __tablename__: ClassVar[str] = "exception"

    id: str = Field(sa_column=_text(primary_key=True))
    entry: Any = Field(sa_column=Column(JSON, nullable=False))
    created_by: str = Field(sa_column=_text())
    created_at: datetime = Field(sa_column=_moment())
    changed_at: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(sa_column=_moment(nullable=True))
    ended_by: str | None = Field(sa_column=_text(nullable=True))


class ReviewRow(Base, table=True):
    """A reminder of an exception's review that was raised for a day; not ``told`` where it covered nothing any more."""

    __tablename__: ClassVar[str] = "exception_review"

    exception_id: str = Field(sa_column=_text(primary_key=True))
    due: date = Field(sa_column=Column(Date, primary_key=True))
    raised_at: datetime = Field(sa_column=_moment())
    told: bool = Field(sa_column=Column(Boolean, nullable=False))
