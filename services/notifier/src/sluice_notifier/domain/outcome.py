"""How a delivery can end: a receipt, or one of two errors with a reason from a closed set."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why a message could not be delivered; also a metric's label."""

    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    AUTH = "auth"
    NOT_FOUND = "not_found"
    INVALID_REQUEST = "invalid_request"
    TOO_LARGE = "too_large"
    TEMPLATE = "template"
    BLOCKED_URL = "blocked_url"
    GAVE_UP = "gave_up"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class TicketState:
    """A ticket as its tracker has it: ``ref`` is what people call it, ``status`` the tracker's own word."""

    ref: str
    url: str | None = None
    status: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message. ``ticket`` is set by channels that keep tickets."""

    ticket: TicketState | None = None
    note: str | None = None


class DeliveryError(Exception):
    """A message was not taken. ``detail`` is for people and holds no secret."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.detail}"


class Retryable(DeliveryError):  # noqa: N818 - the field's own word
    """It may be taken later; ``after`` is how long the provider wants to be left alone."""

    def __init__(self, reason: Reason, detail: str, after: timedelta | None = None) -> None:
        super().__init__(reason, detail)
        self.after = after


class Final(DeliveryError):  # noqa: N818 - the same
    """It will never be taken as it is; somebody has to change something first."""
