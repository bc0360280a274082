"""Wait until a report is final."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sluice_ingest.domain.report import Report
from sluice_ingest.storage import reports
from sluice_shared.db import Database

_POLL_SECONDS = 1.0
"""How often the database is asked, for a receipt that another replica took in."""


class Waiters:
    """Who waits in this process for which report."""

    def __init__(self) -> None:
        self._events: dict[UUID, tuple[asyncio.Event, int]] = {}

    def wake(self, report_id: UUID) -> None:
        """Let those look who wait for this report."""
        if report_id in self._events:
            self._events[report_id][0].set()

    @contextmanager
    def waiting(self, report_id: UUID) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever the report may have changed."""
        event, count = self._events.get(report_id, (asyncio.Event(), 0))
        self._events[report_id] = (event, count + 1)
        try:
            yield event
        finally:
            event, count = self._events.pop(report_id)
            if count > 1:
                self._events[report_id] = (event, count - 1)


class WaitForReport:
    """The use case."""

    def __init__(self, database: Database, waiters: Waiters) -> None:
        self._database = database
        self._waiters = waiters

    async def __call__(self, report_id: UUID, seconds: float) -> Report | None:
        """Return the report once it is final, or as it is after `seconds`; None when there is none."""
        deadline = asyncio.get_running_loop().time() + seconds
        with self._waiters.waiting(report_id) as event:
            while True:
                event.clear()
                report = await self._find(report_id)
                left = deadline - asyncio.get_running_loop().time()
                if report is None or report.status.is_final or left <= 0:
                    return report
                await _wait(event, min(left, _POLL_SECONDS))

    async def _find(self, report_id: UUID) -> Report | None:
        async with self._database.transaction(read_only=True) as tx:
            return await reports.find(tx, report_id)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
