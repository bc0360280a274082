"""Publish due reports, and note when each is due next."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from sluice_ingest.application.clock import Clock
from sluice_ingest.application.watch_line import WatchLine
from sluice_ingest.domain.report import Report
from sluice_ingest.domain.schedule import Patience, republish_delay, unpublished_delay
from sluice_ingest.metrics import PUBLICATIONS
from sluice_ingest.storage import outbox
from sluice_ingest.storage.outbox import Postponed
from sluice_shared.bus import Bus
from sluice_shared.db import Database
from sluice_shared.errors import Unavailable
from sluice_shared.logging import get_logger

_MAX_IN_FLIGHT = 512
_AT_ONCE = 32
_NOTE_AFTER = 0.1
"""Seconds in which successful publications are collected, to be noted in one statement."""
_AWAY_PAUSE = 1.0
"""Seconds for which nobody waits for a Redis that has just been found away."""

log = get_logger(__name__)


class Cause(StrEnum):
    """Why a report is published; a metric's label."""

    ACCEPTED = "accepted"
    DUE = "due"


class ReportPublisher:
    """Puts reports on their lane. Nothing depends on it: a report stays due until its receipt comes."""

    def __init__(self, bus: Bus, database: Database, watch_line: WatchLine, patience: Patience, clock: Clock) -> None:
        self._bus = bus
        self._watch_line = watch_line
        self._database = database
        self._patience = patience
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._noted: list[Postponed] = []
        self._noting: asyncio.Task[None] | None = None
        self._away_until = 0.0

    def submit(self, report: Report) -> None:
        """Publish a report that was just accepted, in the background, so that its sender need not wait.

        When Redis is away, the lane is full or much is under way, it is left to the sweeper.
        """
        if self._is_away() or self._watch_line.is_full(report.lane) or len(self._tasks) >= _MAX_IN_FLIGHT:
            PUBLICATIONS.labels(Cause.ACCEPTED, "postponed").inc()
            return
        # A task of its own keeps the trace context of the request.
        task = asyncio.create_task(self._publish_new(report), name=f"publish-{report.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def publish_due(self, reports: Sequence[Report]) -> None:
        """Publish claimed reports and note it; those that cannot be published are due again in a second or two."""
        slots = asyncio.Semaphore(_AT_ONCE)
        postponed = await asyncio.gather(*(self._publish_claimed(report, slots) for report in reports))
        await self._note(postponed)

    async def stop(self) -> None:
        """Wait for what is under way, and note it."""
        if self._tasks:
            await asyncio.wait(set(self._tasks))
        if self._noting is not None:
            await asyncio.wait({self._noting})
        await self._note_collected()

    async def _publish_new(self, report: Report) -> None:
        published = await self._publish(report, Cause.ACCEPTED)
        if published is None:
            return
        self._noted.append(published)
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._note_soon(), name="note-publications")

    async def _publish_claimed(self, report: Report, slots: asyncio.Semaphore) -> Postponed:
        async with slots:
            published = None if self._is_away() else await self._publish(report, Cause.DUE)
        if published is not None:
            return published
        due_at = self._clock() + timedelta(seconds=unpublished_delay(spread=_spread()))
        return Postponed(report.id, due_at, report.attempts, None)

    async def _publish(self, report: Report, cause: Cause) -> Postponed | None:
        try:
            await self._bus.publish(report.lane.topic, report.received_event(), key=report.asset)
        except Unavailable as away:
            self._away_until = asyncio.get_running_loop().time() + _AWAY_PAUSE
            PUBLICATIONS.labels(cause, "failed").inc()
            log.warning("report not published, it stays due", report_id=report.id, reason=str(away))
            return None
        PUBLICATIONS.labels(cause, "published").inc()
        now, attempts = self._clock(), report.attempts + 1
        wait = republish_delay(attempts, report.body_bytes, self._patience, spread=_spread())
        return Postponed(report.id, now + timedelta(seconds=wait), attempts, now)

    def _is_away(self) -> bool:
        return asyncio.get_running_loop().time() < self._away_until

    async def _note_soon(self) -> None:
        while self._noted:
            await asyncio.sleep(_NOTE_AFTER)
            await self._note_collected()

    async def _note_collected(self) -> None:
        batch, self._noted = self._noted, []
        try:
            await self._note(batch)
        except Unavailable as away:
            log.warning("publications not noted, they will be repeated", count=len(batch), reason=str(away))

    async def _note(self, batch: Sequence[Postponed]) -> None:
        if batch:
            await self._database.run(lambda tx: outbox.postpone(tx, batch))


def _spread() -> float:
    return random.random()  # noqa: S311 - no secret
