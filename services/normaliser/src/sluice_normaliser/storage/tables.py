"""The tables of the schema ``normaliser``.

Large tables begin with ``asset_id``, so that they can be partitioned or distributed by asset.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, LargeBinary, MetaData, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlmodel import Field, SQLModel

SCHEMA = "normaliser"


class Table(SQLModel):
    """Base of this service's tables."""

    metadata: ClassVar[MetaData] = MetaData(schema=SCHEMA)


class Asset(Table, table=True):
    """An asset that was ever reported on, as it is called now; ``renames`` counts how often that changed."""

    asset_id: UUID = Field(primary_key=True)
    key: str = Field(unique=True)
    renames: int = 0


class AssetAlias(Table, table=True):
    """A former key of an asset: reports under it go on leading to the asset."""

    __tablename__ = "asset_alias"
    __table_args__ = (Index("asset_alias_asset", "asset_id"),)

    key: str = Field(primary_key=True)
    asset_id: UUID


class AssetRename(Table, table=True):
    """That somebody called an asset otherwise. Only ever added to."""

    __tablename__ = "asset_rename"
    __table_args__ = (Index("asset_rename_asset", "asset_id", "id"),)

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=(Identity(always=True),))
    asset_id: UUID
    at: datetime = Field(sa_type=DateTime(timezone=True))
    was: str
    is_now: str
    absorbed: UUID | None = None
    action_id: UUID
    actor: str
    reason: str


class Scope(Table, table=True):
    """What one series of scans speaks for: an asset and ref, seen by one scanner in one category.

    ``algorithms`` are the numbers of the key algorithms that are stored for all that it shows.
    """

    __table_args__ = (Index("scope_identity", "asset_id", "ref", "scanner", "category", unique=True),)

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=(Identity(always=True),))
    asset_id: UUID
    ref: str
    scanner: str
    category: str
    last_at: datetime = Field(sa_type=DateTime(timezone=True))
    last_sequence: int = Field(sa_type=BigInteger)
    complete_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    complete_sequence: int | None = Field(default=None, sa_type=BigInteger)
    last_report_id: UUID
    holds: bool = False
    algorithms: list[int] = Field(sa_type=ARRAY(SmallInteger))


class Finding(Table, table=True):
    """A finding's life, derived from its presences.

    The report that changed it last is named, so that the change can be published again from here.
    """

    asset_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    status: str
    severity: int = Field(sa_type=SmallInteger)
    version: int
    change: str
    changed_by: UUID
    matched_by: str | None = None
    first_seen_at: datetime = Field(sa_type=DateTime(timezone=True))
    opened_at: datetime = Field(sa_type=DateTime(timezone=True))
    resolved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    reopen_count: int = 0


class Observation(Table, table=True):
    """The latest that one scanner said about a finding; ``keys`` are pairs of algorithm (1 byte) and hash (16)."""

    asset_id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(primary_key=True)
    scanner: str = Field(primary_key=True)
    scanner_version: str | None = None
    seen_at: datetime = Field(sa_type=DateTime(timezone=True))
    seen_sequence: int = Field(sa_type=BigInteger)
    rule: str
    path: str
    line: int
    keys: bytes = Field(sa_type=LargeBinary)
    payload: dict[str, Any] = Field(sa_type=JSON)


class Presence(Table, table=True):
    """That a scope shows, or once showed, a finding."""

    __table_args__ = (Index("presence_open", "scope_id", postgresql_where=text("gone_at IS NULL")),)

    asset_id: UUID = Field(primary_key=True)
    finding_id: UUID = Field(primary_key=True)
    scope_id: int = Field(sa_type=BigInteger, primary_key=True)
    exact: bytes = Field(sa_type=LargeBinary)
    content: bytes = Field(sa_type=LargeBinary)
    severity: int = Field(sa_type=SmallInteger)
    line: int
    since_at: datetime = Field(sa_type=DateTime(timezone=True))
    since_sequence: int = Field(sa_type=BigInteger)
    confirmed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    confirmed_sequence: int | None = Field(default=None, sa_type=BigInteger)
    gone_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class FindingKey(Table, table=True):
    """A key by which a finding is recognised, and the report that brought it."""

    __tablename__ = "finding_key"

    asset_id: UUID = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary, primary_key=True)
    finding_id: UUID = Field(primary_key=True)
    algorithm: int = Field(sa_type=SmallInteger)
    scanner: str
    report_id: UUID


class Report(Table, table=True):
    """A report whose changes are committed. Its row makes normalising idempotent."""

    report_id: UUID = Field(primary_key=True)
    applied_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    scanner: str
    counts: dict[str, Any] = Field(sa_type=JSONB)
    scans: dict[str, Any] = Field(sa_type=JSONB)
    assets: list[str] = Field(sa_type=ARRAY(PG_UUID(as_uuid=False)))
    changed: int


class IdentityEvent(Table, table=True):
    """What joined a finding, or parted it: by a key, or by a person's word. Only ever added to."""

    __tablename__ = "identity_event"
    __table_args__ = (Index("identity_event_finding", "asset_id", "finding_id", "id"),)

    id: int | None = Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=(Identity(always=True),))
    asset_id: UUID
    finding_id: UUID
    at: datetime = Field(sa_type=DateTime(timezone=True))
    what: str
    scanner: str
    matched_by: str | None = None
    report_id: UUID
    other_id: UUID | None = None
    actor: str | None = None
    reason: str | None = None


class Action(Table, table=True):
    """A person's split, merge or rename, due until risk-index has indexed what it changed; stuck when at infinity."""

    __table_args__ = (Index("action_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),)

    action_id: UUID = Field(primary_key=True)
    made_at: datetime = Field(sa_type=DateTime(timezone=True))
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    published_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
