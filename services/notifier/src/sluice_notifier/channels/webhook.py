"""A signed generic webhook (standardwebhooks.com): JSON for programs, the same bytes at every attempt."""

import base64
import binascii
import hashlib
import hmac
from typing import Literal

import orjson
from pydantic import BaseModel, Field

from sluice_notifier.channels.kit import (
    Channel,
    HttpOptions,
    Message,
    Receipt,
    Secret,
    Tools,
    composing,
    read_url,
    send,
)
from sluice_notifier.domain.message import Item
from sluice_notifier.domain.wording import headline
from sluice_shared.contracts.base import UtcTime
from sluice_shared.contracts.events import AlertLevel

_PREFIX = "whsec_"


class WebhookOptions(HttpOptions):
    """Where to post to, and what to sign with."""

    url: str = Field(min_length=1, description="https://…; may hold ${VARIABLE}")
    secret: Secret | None = Field(
        default=None, description="Signing key, whsec_ and base64, or any text; without one nothing is signed"
    )
    token: Secret | None = Field(default=None, description="Sent as a bearer token, for receivers that want one")


class WebhookBody(BaseModel):
    """What is posted. The headers ``webhook-id`` and ``Idempotency-Key`` are the same at every attempt."""

    version: Literal[1] = 1
    type: Literal["alerts", "digest", "test"] = Field(description="digest: what exceeded the receiver's hourly limit")
    id: str = Field(description="The delivery; the same as the header webhook-id")
    timestamp: UtcTime = Field(description="When the message was composed")
    receiver: str
    title: str = Field(description="One line for people")
    level: AlertLevel = Field(description="Why; of several levels the most pressing one")
    levels: dict[AlertLevel, int] = Field(description="How many alerts of each level")
    team: str | None = Field(description="The team of all alerts; null when there are several")
    teams: list[str]
    group: dict[str, str] = Field(description="Labels that all alerts share")
    total: int = Field(description="How many alerts the message stands for")
    more: int = Field(description="How many of them are not in `alerts`, which ends at 500")
    alerts: list[Item] = Field(description="The most pressing first, then by score")


def body_of(message: Message) -> bytes:
    """Return the JSON of a message."""
    shown, left_out = message.top(len(message.items))
    body = WebhookBody(
        type=message.kind.value,
        id=message.idempotency_key,
        timestamp=message.composed_at,
        receiver=message.receiver,
        title=headline(message),
        level=message.level,
        levels=message.levels,
        team=message.team,
        teams=message.teams,
        group=message.group,
        total=message.total,
        more=left_out,
        alerts=shown,
    )
    return orjson.dumps(body.model_dump(mode="json"))


def sign(key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature: ``v1,`` and the base64 of HMAC-SHA-256 over ``id.timestamp.body``."""
    digest = hmac.new(_key_bytes(key), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


async def deliver(message: Message, options: WebhookOptions, tools: Tools) -> Receipt:
    """Post the message."""
    url = read_url(options.url)
    timestamp = int(tools.now.timestamp())
    with composing():
        body = body_of(message)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.idempotency_key,
        "webhook-timestamp": str(timestamp),
        "Idempotency-Key": message.idempotency_key,
    }
    if options.secret is not None:
        headers["webhook-signature"] = sign(options.secret.read(), message.idempotency_key, timestamp, body)
    if options.token is not None:
        headers["Authorization"] = f"Bearer {options.token.read()}"
    await send(tools, options, "POST", url, content=body, headers=headers)
    return Receipt()


def _key_bytes(key: str) -> bytes:
    if not key.startswith(_PREFIX):
        return key.encode()
    try:
        return base64.b64decode(key.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return key.encode()


CHANNEL = Channel(options=WebhookOptions, deliver=deliver)
