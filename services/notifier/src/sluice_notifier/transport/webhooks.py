"""What receivers of the channel ``webhook`` get, for the OpenAPI document."""

from typing import Annotated

from fastapi import APIRouter, Header

from sluice_notifier.channels.webhook import WebhookBody

router = APIRouter()


@router.post("alerts", summary="Posted to a receiver with the channel webhook")
async def alerts(
    body: WebhookBody,
    webhook_id: Annotated[str, Header(description="The same at every attempt: take a message once")],
    webhook_timestamp: Annotated[str, Header(description="Seconds since 1970 of this attempt")],
    webhook_signature: Annotated[
        str | None, Header(description="v1, and the base64 of HMAC-SHA-256 over id.timestamp.body")
    ] = None,
) -> None:
    """Signed as standardwebhooks.com says. Any 2xx takes it; 408, 425, 429 and 5xx are tried again, the rest is not."""
