"""The use cases as the routes find them: one object on the application's state."""

from dataclasses import dataclass, field
from typing import cast

from fastapi import Request

from sluice_ingest.application.accept_delivery import AcceptDelivery
from sluice_ingest.application.accept_report import AcceptReport
from sluice_ingest.application.clock import Clock
from sluice_ingest.application.create_token import CreateToken
from sluice_ingest.application.list_reports import ListReports
from sluice_ingest.application.list_tokens import ListTokens
from sluice_ingest.application.receive_body import BodyReceiver
from sluice_ingest.application.replay_report import ReplayReport
from sluice_ingest.application.revoke_token import RevokeToken
from sluice_ingest.application.verify_token import TokenVerifier
from sluice_ingest.application.wait_for_report import WaitForReport
from sluice_shared.errors import Unavailable


@dataclass
class Service:
    """What the routes need. `started` is set once the schema is there."""

    clock: Clock
    max_wire_bytes: int
    introspection_credential: str = field(repr=False)
    receiver: BodyReceiver
    verifier: TokenVerifier
    accept_report: AcceptReport
    accept_delivery: AcceptDelivery
    wait_for_report: WaitForReport
    list_reports: ListReports
    replay_report: ReplayReport
    create_token: CreateToken
    list_tokens: ListTokens
    revoke_token: RevokeToken
    started: bool = field(default=False)

    async def mark_started(self) -> None:
        """Let requests in."""
        self.started = True


async def service_of(request: Request) -> Service:
    """Return the service; raises Unavailable until it has started. A dependency of every route.

    A coroutine only because FastAPI runs plain functions in a thread, which costs more than they do.
    """
    service = cast("Service", request.app.state.service)
    if not service.started:
        raise Unavailable("database", "ingest is starting", retry_after=1.0)
    return service
