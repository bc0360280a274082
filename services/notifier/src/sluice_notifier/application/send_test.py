"""Send a test message to a receiver, at once and without a row in the delivery log."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from sluice_notifier.application.clock import Clock
from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import HttpClient, Tools, scrub
from sluice_notifier.domain.message import Message, MessageKind, compose
from sluice_notifier.domain.outcome import DeliveryError, Reason, Receipt, Retryable
from sluice_notifier.domain.receivers import Routes
from sluice_notifier.errors import no_receiver
from sluice_shared.contracts.events import AlertFinding, AlertLevel, AlertRaised
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.contracts.ids import new_id

_LONGEST_ERROR = 500
_TEST = uuid5(NAMESPACE_URL, "https://sluice.dev/test")


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went; ``error`` is None when the provider took the message."""

    receipt: Receipt | None
    error: DeliveryError | None


class SendTest:
    """The use case; ``timeout`` is in seconds."""

    def __init__(self, routes: Callable[[], Routes], http: HttpClient, clock: Clock, *, timeout: float) -> None:
        self._routes = routes
        self._http = http
        self._clock = clock
        self._timeout = timeout

    async def __call__(self, name: str) -> Trial:
        """Send it. Raises Problem (no_receiver)."""
        receivers = self._routes().receivers
        receiver = receivers.get(name)
        if receiver is None:
            raise no_receiver(list(receivers))
        channel = registry()[receiver.channel]
        try:
            async with asyncio.timeout(self._timeout):
                tools = Tools(self._http, self._clock())
                return Trial(await channel.deliver(self._message(name), receiver.options, tools), None)
        except DeliveryError as error:
            return Trial(None, type(error)(error.reason, scrub(error.detail, receiver.options)[:_LONGEST_ERROR]))
        except TimeoutError:
            return Trial(None, Retryable(Reason.TIMEOUT, f"it took more than {self._timeout:g} s"))

    def _message(self, receiver: str) -> Message:
        now, message_id = self._clock(), new_id()
        finding = AlertFinding(
            finding_id=_TEST,
            asset="app:sluice-test",
            title="This is a test: nothing was found",
            kind=Kind.OTHER,
            severity=Severity.INFO,
            risk_class="track",
            score=0.0,
            first_seen_at=now,
            due_at=now + timedelta(days=7),
        )
        alert = AlertRaised(
            alert_id=message_id, level=AlertLevel.OPENED, raised_at=now, team="test", tier="test", finding=finding
        )
        return compose(
            [alert],
            id=message_id,
            idempotency_key=str(message_id),
            receiver=receiver,
            kind=MessageKind.TEST,
            levels={AlertLevel.OPENED: 1},
            group={},
            now=now,
        )
