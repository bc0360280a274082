"""Make one attempt to send a claimed delivery, and record how it ended."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sluice_notifier.application.clock import Clock
from sluice_notifier.channels import registry
from sluice_notifier.channels.kit import HttpClient, Tools, scrub
from sluice_notifier.domain.delivery import Claimed, DeliveryState
from sluice_notifier.domain.outcome import DeliveryError, Final, Reason, Receipt, Retryable
from sluice_notifier.domain.receivers import Receiver
from sluice_notifier.domain.retry import next_attempt
from sluice_notifier.metrics import DELIVERIES, DELIVERY_SECONDS, FAILURES
from sluice_notifier.storage import outbox, tickets
from sluice_shared.db import Database, Tx
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger

_LONGEST_ERROR = 500
_RECORD_AGAIN = 1.0
log = get_logger(__name__)


class AttemptDelivery:
    """The use case. ``timeout`` bounds an attempt, ``lease`` (longer) is for how long it is ours; both in seconds."""

    def __init__(
        self,
        database: Database,
        http: HttpClient,
        clock: Clock,
        *,
        timeout: float,
        lease: float,
        ticket_check: timedelta,
    ) -> None:
        self._database = database
        self._http = http
        self._clock = clock
        self._timeout = timeout
        self._lease = lease
        self._ticket_check = ticket_check

    async def __call__(self, claimed: Claimed, receiver: Receiver) -> None:
        """Send the message, then record the outcome for as long as the lease allows."""
        began = time.monotonic()
        with DELIVERY_SECONDS.labels(receiver.name).time():
            outcome = await self._send(claimed, receiver)
        work = self._recording(claimed, receiver, outcome)
        while True:
            try:
                await self._database.run(work)
            except Unavailable as away:
                if time.monotonic() - began > self._lease:
                    log.error(  # noqa: TRY400 - the trace says nothing more
                        "outcome not recorded", delivery_id=str(claimed.message.id), reason=str(away)
                    )
                    return
                await asyncio.sleep(_RECORD_AGAIN)
            else:
                return

    async def _send(self, claimed: Claimed, receiver: Receiver) -> Receipt | DeliveryError:
        tools = Tools(self._http, self._clock(), claimed.attempt)
        try:
            async with asyncio.timeout(self._timeout):
                return await registry()[receiver.channel].deliver(claimed.message, receiver.options, tools)
        except DeliveryError as error:
            return error
        except TimeoutError:
            return Retryable(Reason.TIMEOUT, f"the attempt took more than {self._timeout:g} s")
        except Exception as error:  # a fault in a channel must neither stop the others nor lose the message
            log.exception("channel failed", receiver=receiver.name, channel=receiver.channel)
            return Retryable(Reason.INTERNAL, f"a fault in the channel: {type(error).__name__}; the log has more")

    def _recording(
        self, claimed: Claimed, receiver: Receiver, outcome: Receipt | DeliveryError
    ) -> Callable[[Tx], Awaitable[None]]:
        if isinstance(outcome, Receipt):
            return self._sent(claimed, receiver, outcome)
        detail = scrub(outcome.detail, receiver.options)[:_LONGEST_ERROR]
        FAILURES.labels(receiver.name, outcome.reason.value).inc()
        message_id, attempt = claimed.message.id, claimed.attempt
        at = None
        if isinstance(outcome, Retryable):
            at = next_attempt(
                self._clock(),
                attempts=attempt,
                after=outcome.after,
                give_up_at=claimed.give_up_at,
                spread=random.random(),  # noqa: S311 - no secret
            )
        reason = Reason.GAVE_UP if at is None and not isinstance(outcome, Final) else outcome.reason
        log.warning(
            "delivery failed",
            delivery_id=str(message_id),
            receiver=receiver.name,
            reason=reason.value,
            detail=detail,
            attempt=attempt,
            again_at=at.isoformat() if at else None,
        )
        if at is not None:
            return lambda tx: outbox.settle_retry(tx, message_id, attempt, at, reason=reason, detail=detail)
        DELIVERIES.labels(receiver.name, DeliveryState.FAILED.value).inc()
        return lambda tx: outbox.settle_failed(tx, message_id, attempt, reason=reason, detail=detail)

    def _sent(self, claimed: Claimed, receiver: Receiver, receipt: Receipt) -> Callable[[Tx], Awaitable[None]]:
        now = self._clock()
        DELIVERIES.labels(receiver.name, DeliveryState.SENT.value).inc()
        log.info(
            "delivered",
            delivery_id=str(claimed.message.id),
            receiver=receiver.name,
            alerts=claimed.message.total,
            attempt=claimed.attempt,
        )

        async def record(tx: Tx) -> None:
            ticket = receipt.ticket
            await outbox.settle_sent(
                tx,
                claimed.message.id,
                now,
                note=receipt.note,
                ticket_ref=ticket.ref if ticket else None,
                ticket_status=ticket.status if ticket else None,
            )
            if ticket is not None and claimed.message.ticket is not None:
                await tickets.save(
                    tx, receiver.name, claimed.group_key, ticket, now, next_check_at=now + self._ticket_check
                )

        return record
