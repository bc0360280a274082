"""What ingest is told, on top of what every service is told."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from sluice_ingest.domain.decoding import Limits
from sluice_ingest.domain.schedule import Patience
from sluice_shared.settings import ServiceSettings

_MIB = 1024 * 1024


class Settings(ServiceSettings):
    """Settings of ingest; sizes in bytes, times in seconds unless a name says otherwise."""

    service: ClassVar[str] = "ingest"

    max_wire_bytes: int = Field(
        default=256 * _MIB, ge=1024, description="Bytes of a request body on the wire at most; more is answered 413"
    )
    max_body_bytes: int = Field(
        default=512 * _MIB, ge=1024, description="Bytes of a report after decompression at most; more is answered 413"
    )
    max_expansion: int = Field(
        default=300,
        ge=1,
        description="How many times its compressed size a report over 16 MiB may be; more is answered 413",
    )
    max_webhook_json_bytes: int = Field(
        default=32 * _MIB, ge=1024, description="Bytes at most of a webhook body that is read to find its asset"
    )
    spool_bytes: int = Field(
        default=_MIB, ge=4096, description="Bytes of a body kept in memory; what is larger goes to a temporary file"
    )
    spool_dir: Path | None = Field(
        default=None, description="Folder of those temporary files; the system's own when empty"
    )
    max_upload_seconds: float = Field(
        default=900.0, gt=0, description="Seconds that a client may take to send a body; more is answered 408"
    )
    large_at_once: int = Field(
        default=2,
        ge=1,
        description="Large bodies that are unpacked, or put into the blob store, at the same time; bounds memory",
    )
    bulk_bytes: int = Field(
        default=8 * _MIB, ge=0, description="Reports above this size in bytes travel in the bulk lane"
    )
    lane_limit: int = Field(
        default=10_000,
        ge=1,
        description="Events in a lane at most; what is accepted beyond that waits in the database for its turn",
    )
    max_publications: int = Field(
        default=12, ge=1, description="Publications of a report at most; without a receipt it is then stuck"
    )
    first_republish_seconds: float = Field(
        default=30.0, gt=0, description="Seconds to wait for a receipt before publishing again; doubles every time"
    )
    max_republish_seconds: float = Field(
        default=3600.0, gt=0, description="Seconds that wait grows to at most, large bodies' extra time apart"
    )
    sweep_seconds: float = Field(default=1.0, gt=0, description="Seconds between looks for due reports")
    body_retention_days: float = Field(
        default=30.0, gt=0, description="Days that the body of a settled report is kept, to be replayed from"
    )
    retention_sweep_seconds: float = Field(
        default=3600.0, gt=0, description="Seconds between looks for bodies that may be deleted"
    )
    bootstrap_token: SecretStr | None = Field(
        default=None, description="An admin token with this value exists after every start; for the first access"
    )

    @property
    def limits(self) -> Limits:
        """Bounds of one body."""
        return Limits(self.max_wire_bytes, self.max_body_bytes, self.max_expansion)

    @property
    def patience(self) -> Patience:
        """How long and how often a report is published before it is stuck."""
        return Patience(self.first_republish_seconds, self.max_republish_seconds, self.max_publications)

    @property
    def body_retention(self) -> timedelta:
        """How long the body of a settled report is kept."""
        return timedelta(days=self.body_retention_days)
