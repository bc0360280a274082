"""What all channels share: the models of their options, secrets, HTTP, and what a status code means."""

import math
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluice_notifier.channels._client import Answer, HttpClient
from sluice_notifier.channels._secret import Secret, expand_plain, from_references, still_unset
from sluice_notifier.domain.message import Message, Ticket
from sluice_notifier.domain.outcome import DeliveryError, Final, Reason, Receipt, Retryable, TicketState
from sluice_shared.contracts.base import as_utc
from sluice_shared.redaction import REDACTED, redact_text

__all__ = [
    "Answer",
    "Channel",
    "ChannelOptions",
    "DeliveryError",
    "Final",
    "HttpClient",
    "HttpOptions",
    "Message",
    "Reason",
    "Receipt",
    "Retryable",
    "Secret",
    "Ticket",
    "TicketState",
    "Tools",
    "composing",
    "raise_for_status",
    "read_url",
    "scrub",
    "send",
]
_LONGEST_RETRY_AFTER = timedelta(hours=6)
# What is shorter is found in innocent words too.
_SHORTEST_SECRET = 4
_SHORTEST_PATH = 8
OptionsT = TypeVar("OptionsT", bound="ChannelOptions")


class ChannelOptions(BaseModel):
    """Options of a channel in ``routes.yaml``.

    A field of type :class:`Secret` may be given as ``<name>: ${VARIABLE}``, ``<name>_env`` or ``<name>_file``. In all
    other fields ``${VARIABLE}`` is replaced when the file is read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _from_environment(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        values = dict(data)
        for name in cls.secret_fields():
            from_references(name, values)
        secrets = cls.secret_fields()
        for name, value in list(values.items()):
            if name in secrets:
                continue
            field = cls.model_fields.get(name)
            is_text = field is not None and field.annotation in (str, str | None)
            values[name] = expand_plain(value, keep=is_text)
            if values[name] is None and value is not None:
                # A number or a flag that cannot be known yet takes its default.
                del values[name]
        return values

    @classmethod
    def secret_fields(cls) -> list[str]:
        """Return the names of the fields that hold secrets."""
        return [name for name, field in cls.model_fields.items() if field.annotation in (Secret, Secret | None)]

    def secrets(self) -> Iterator[str]:
        """Return the secrets that can be read now, so that they can be kept out of texts."""
        for name in self.secret_fields():
            secret = getattr(self, name)
            if secret is None:
                continue
            try:
                yield secret.read()
            except Retryable:
                continue


class HttpOptions(ChannelOptions):
    """Options of a channel that speaks HTTP."""

    timeout: float = Field(default=10.0, gt=0, le=60, description="Seconds for one request, its answer included")
    allow_private: bool = Field(default=False, description="Allow addresses inside private networks")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a channel works with. ``attempt`` counts from 1: above that, the message may have arrived before."""

    http: HttpClient
    now: datetime
    attempt: int = 1


Deliver = Callable[[Message, Any, Tools], Awaitable[Receipt]]
"""Sends a message with the options of its receiver. Raises Retryable or Final, and nothing else."""
Inspect = Callable[[Ticket, bool, Any, Tools], Awaitable[TicketState]]
"""Looks at a ticket; the flag tells that it was done already at the last look. Raises Retryable or Final."""


@dataclass(frozen=True, slots=True)
class Channel(Generic[OptionsT]):
    """A channel. ``inspect`` is there when it keeps tickets: then its messages are grouped by fix, one ticket each."""

    options: type[OptionsT]
    deliver: Deliver
    inspect: Inspect | None = None

    @property
    def keeps_tickets(self) -> bool:
        """Tell whether messages of this channel become tickets."""
        return self.inspect is not None


async def send(
    tools: Tools,
    options: HttpOptions,
    method: str,
    url: str,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request as the options say, and return the answer if it is a success; else raise by the table."""
    answer = await tools.http.request(
        method,
        url,
        timeout=options.timeout,
        allow_private=options.allow_private,
        headers=headers,
        params=params,
        content=content,
    )
    raise_for_status(answer, tools.now)
    return answer


_STATUS: dict[int, tuple[type[Retryable | Final], Reason]] = {
    HTTPStatus.UNAUTHORIZED: (Final, Reason.AUTH),
    HTTPStatus.FORBIDDEN: (Final, Reason.AUTH),
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: (Final, Reason.AUTH),
    HTTPStatus.NOT_FOUND: (Final, Reason.NOT_FOUND),
    HTTPStatus.GONE: (Final, Reason.NOT_FOUND),
    HTTPStatus.REQUEST_TIMEOUT: (Retryable, Reason.TIMEOUT),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (Final, Reason.TOO_LARGE),
    HTTPStatus.REQUEST_URI_TOO_LONG: (Final, Reason.TOO_LARGE),
    HTTPStatus.MISDIRECTED_REQUEST: (Retryable, Reason.UNAVAILABLE),
    HTTPStatus.LOCKED: (Retryable, Reason.UNAVAILABLE),
    HTTPStatus.TOO_EARLY: (Retryable, Reason.UNAVAILABLE),
    HTTPStatus.TOO_MANY_REQUESTS: (Retryable, Reason.RATE_LIMITED),
    HTTPStatus.NOT_IMPLEMENTED: (Final, Reason.INVALID_REQUEST),
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: (Final, Reason.INVALID_REQUEST),
    HTTPStatus.GATEWAY_TIMEOUT: (Retryable, Reason.TIMEOUT),
}


def raise_for_status(answer: Answer, now: datetime) -> None:
    """Raise what an HTTP status means (RFC 9110, RFC 6585) unless it is a success.

    What has no line in the table is final from 300 to 499 (redirects are not followed), and retryable from 500 on.
    """
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    server_fault = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    fallback = (Retryable, Reason.UNAVAILABLE) if server_fault else (Final, Reason.INVALID_REQUEST)
    kind, reason = _STATUS.get(answer.status, fallback)
    said = answer.excerpt()
    detail = f"it answered {answer.status}" + (f": {said}" if said else "")
    if issubclass(kind, Retryable):
        raise kind(reason, detail, retry_after(answer.headers.get("retry-after"), now))
    raise kind(reason, detail)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date (RFC 9110 section 10.2.3); at most 6 hours, None without one."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now)
    if not math.isfinite(seconds):
        return None
    return timedelta(seconds=min(max(0.0, seconds), _LONGEST_RETRY_AFTER.total_seconds()))


def _seconds_until(date: str, now: datetime) -> float:
    try:
        return (as_utc(parsedate_to_datetime(date)) - now).total_seconds()
    except ValueError:
        return math.nan


def read_url(url: str) -> str:
    """Return the URL of an option; raises Retryable (invalid_request) while a variable in it is not set."""
    if (name := still_unset(url)) is not None:
        raise Retryable(
            Reason.INVALID_REQUEST, f"the environment variable {name} is not set; the operator has to set it"
        )
    return url


@contextmanager
def composing() -> Iterator[None]:
    """Turn what goes wrong while a text is put together into Final (template)."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as error:
        raise Final(Reason.TEMPLATE, f"the message cannot be composed: {type(error).__name__}: {error}") from error


def _beyond_host(secret: str) -> str:
    """Return what is secret of an address that is a secret: all but where it is; empty when it is no address."""
    _, _, address = secret.partition("://")
    return address.partition("/")[2]


def scrub(text: str, options: BaseModel) -> str:
    """Take the secrets of a receiver out of a text, and whatever else looks like one."""
    if isinstance(options, ChannelOptions):
        for secret in options.secrets():
            for part, shortest in ((secret, _SHORTEST_SECRET), (_beyond_host(secret), _SHORTEST_PATH)):
                if len(part) >= shortest:
                    text = text.replace(part, REDACTED)
    return redact_text(text)
