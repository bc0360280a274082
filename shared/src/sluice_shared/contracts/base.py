"""The base of every contract model, and the time type they use."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Contract(BaseModel):
    """A model that crosses a process boundary: unknown fields are ignored, so that a consumer may be older."""

    model_config = ConfigDict(extra="ignore", frozen=False, ser_json_bytes="base64", val_json_bytes="base64")


def as_utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; a naive time is taken to be UTC already."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


UtcTime = Annotated[datetime, AfterValidator(as_utc)]
"""A point in time, always aware and in UTC."""
