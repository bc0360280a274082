"""The one helper round every handler: claim, handle, settle."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from faststream.message import StreamMessage

from sluice_shared.bus.claim import Claim
from sluice_shared.bus.client import REDIS_ERRORS, StreamClient, describe
from sluice_shared.bus.dead_letters import DeadLetters
from sluice_shared.bus.delivery import Delivery, Subscription
from sluice_shared.bus.handling import UNDECODABLE, Outcome, Verdict, handle
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger
from sluice_shared.metrics import EVENT_SECONDS, EVENTS_CONSUMED, REDELIVERIES

log = get_logger(__name__)


class Subscriber:
    """Serves one subscription, whatever number of FastStream's subscribers read for it.

    ``busy`` are the tasks that have a message in hand. Once ``stopping`` is set, no handler is begun or asked again.
    """

    def __init__(
        self, subscription: Subscription, client: StreamClient, dead_letters: DeadLetters, stopping: asyncio.Event
    ) -> None:
        self.subscription = subscription
        self.busy: set[asyncio.Task[Any]] = set()
        self._client = client
        self._dead_letters = dead_letters
        self._stopping = stopping
        self._slots = asyncio.Semaphore(subscription.max_at_once)

    def receiver(self, consumer: str, *, takes_over: bool) -> Callable[[Any], Awaitable[None]]:
        """Return the function that FastStream calls with each message it read as this consumer.

        With ``takes_over`` they are messages that another delivery left pending, else they are new.
        """

        async def receive(message: Any) -> None:
            task = asyncio.current_task()
            if task is None:
                raise RuntimeError("a message is received inside a task")
            self.busy.add(task)
            try:
                await self._receive(message, consumer, takes_over=takes_over)
            except (*REDIS_ERRORS, Unavailable) as error:
                # The message stays pending, and is delivered again when Redis is back.
                log.warning("message not settled", topic=self.subscription.topic.name, error=describe(error))
            finally:
                self.busy.discard(task)

        return receive

    async def _receive(self, message: StreamMessage[Any], consumer: str, *, takes_over: bool) -> None:
        stream = message.raw_message["channel"]
        message_id = message.raw_message["message_ids"][0].decode()
        claim = Claim(self._client, self.subscription, stream, consumer, message_id)
        attempt = await claim.attempt() if takes_over else 1
        if attempt is None:
            return
        if attempt > 1:
            REDELIVERIES.labels(self.subscription.topic.name).inc()
        delivery = Delivery(
            self.subscription.topic, self.subscription.group, message_id, attempt, dict(message.headers)
        )
        try:
            async with claim.renewed():
                verdict = await self._handle(message.body, delivery)
                await self._settle(claim, verdict, message.body, delivery)
        except asyncio.CancelledError:
            await _hand_back(claim, attempt)
            raise

    async def _handle(self, body: bytes, delivery: Delivery) -> Verdict:
        labels = (self.subscription.topic.name, self.subscription.group)
        async with self._slots:
            with EVENT_SECONDS.labels(*labels).time():
                verdict = await handle(self.subscription.handler, body, delivery, self._stopping)
        EVENTS_CONSUMED.labels(*labels, verdict.outcome).inc()
        return verdict

    async def _tell(self, verdict: Verdict, body: bytes) -> None:
        """Tell whoever asked that an event is set apart, unless nobody can say what it was."""
        if self.subscription.set_apart is None or verdict.reason == UNDECODABLE:
            return
        event = self.subscription.topic.event.model_validate_json(body)
        await self.subscription.set_apart(event, verdict.reason, verdict.detail)

    async def _settle(self, claim: Claim, verdict: Verdict, body: bytes, delivery: Delivery) -> None:
        match verdict.outcome:
            case Outcome.DONE:
                await claim.acknowledge()
            case Outcome.DEAD if not claim.lost:
                await self._tell(verdict, body)
                await self._dead_letters.put(delivery, claim.stream, body, reason=verdict.reason, detail=verdict.detail)
                await claim.acknowledge()
            case Outcome.HANDED_BACK:
                await claim.hand_back(delivery.attempt)
            case Outcome.FAILED | Outcome.DEAD:
                pass


async def _hand_back(claim: Claim, attempt: int) -> None:
    """Hand back on the way out of a cancelled task; failing that, the message is taken over after ``claim_after``."""
    try:
        await claim.hand_back(attempt)
    except REDIS_ERRORS as error:
        log.warning("message not handed back", stream=claim.stream, error=describe(error))
