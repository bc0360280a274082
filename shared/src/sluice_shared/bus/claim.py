"""A consumer's hold on one pending message."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import ResponseError

from sluice_shared.bus.client import COMMAND_TIMEOUT, REDIS_ERRORS, StreamClient, describe, is_group_missing
from sluice_shared.bus.delivery import Subscription
from sluice_shared.logging import get_logger

_RENEWALS = 3
"""How often a claim is renewed within ``claim_after``."""

log = get_logger(__name__)


class Claim:
    """One message in the hands of one consumer.

    ``lost`` becomes true when a renewal finds the message in other hands or gone. Whoever has it now answers for it:
    this consumer may still acknowledge it, but must not set it apart.

    Methods raise Redis' own errors, and TimeoutError.
    """

    def __init__(
        self, client: StreamClient, subscription: Subscription, stream: str, consumer: str, message_id: str
    ) -> None:
        self.stream = stream
        self.message_id = message_id
        self.lost = False
        self._client = client
        self._group = subscription.group
        self._consumer = consumer
        self._claim_after = subscription.topic.claim_after.total_seconds()
        # What another group has still to read must stay.
        self._delete = len(subscription.topic.groups) == 1

    async def attempt(self) -> int | None:
        """How often the message was delivered, this time included; None when it is no longer this consumer's."""
        pending = await self._pending()
        return None if pending is None else int(pending["times_delivered"])

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Keep other consumers from taking the message over as long as what is inside lasts."""
        task = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            task.cancel()

    async def acknowledge(self) -> None:
        """End the message's being due; a second time changes nothing."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.xack(self.stream, self._group, self.message_id)
        if self._delete:
            pipeline.xdel(self.stream, self.message_id)
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await pipeline.execute()

    async def hand_back(self, attempt: int) -> None:
        """Let another consumer have the message at once, as if this delivery had not been."""
        if await self._pending() is not None:
            await self._claim(idle=int(self._claim_after * 1000), retrycount=attempt - 1)

    async def _renew(self) -> None:
        while not self.lost:
            await asyncio.sleep(self._claim_after / _RENEWALS)
            try:
                self.lost = not await self._renew_once()
            except REDIS_ERRORS as error:
                # While Redis is away nobody else can take the message over either.
                log.debug("claim not renewed", stream=self.stream, message_id=self.message_id, error=describe(error))
        log.warning("claim lost to another consumer", stream=self.stream, message_id=self.message_id)

    async def _renew_once(self) -> bool:
        if await self._pending() is None:
            return False
        await self._claim()
        return True

    async def _claim(self, **options: int) -> None:
        async with asyncio.timeout(COMMAND_TIMEOUT):
            await self._client.xclaim(
                self.stream, self._group, self._consumer, 0, [self.message_id], justid=True, **options
            )

    async def _pending(self) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT):
                found = await self._client.xpending_range(
                    self.stream, self._group, min=self.message_id, max=self.message_id, count=1
                )
        except ResponseError as error:
            if is_group_missing(error):
                return None
            raise
        if found and found[0]["consumer"].decode() == self._consumer:
            return found[0]
        return None
