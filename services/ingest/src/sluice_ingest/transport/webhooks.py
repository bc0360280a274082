"""`POST /v1/webhooks/{provider}/{source}`: reports that are delivered by somebody else's system."""

from typing import Any

from fastapi import APIRouter, Request, Response, status

from sluice_ingest.transport.auth import ServiceDep
from sluice_ingest.transport.views import AcceptedView
from sluice_ingest.transport.wire import wire_bytes

router = APIRouter(tags=["webhooks"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "What the provider sends, signed",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/v1/webhooks/{provider}/{source}",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Deliver a report by webhook",
    openapi_extra=_BODY,
)
async def deliver(
    provider: str, source: str, request: Request, response: Response, service: ServiceDep
) -> AcceptedView:
    """Check the delivery's signature, store the report and answer 202 with its id.

    Sources are defined in `sources.yaml`. A delivery that comes again is taken once.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    stream = wire_bytes(request, service.max_wire_bytes)
    view = AcceptedView.of(await service.accept_delivery(provider, source, headers, stream))
    response.headers["Location"] = view.status_url
    return view
