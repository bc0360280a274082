"""Look at how far the lanes are behind, so that no more is put into them than they can bear."""

from collections.abc import Sequence
from datetime import timedelta

from sluice_ingest.application.clock import Clock
from sluice_ingest.domain.line import Line
from sluice_ingest.domain.report import Lane
from sluice_shared.bus import Bus, StreamLag
from sluice_shared.contracts.topics import EVIDENCE_RECEIPTS, FINDINGS, REPORT_RECEIPTS


class WatchLine:
    """The use case; a lane with ``limit`` events or more is full. ``lines`` are the lanes as they were last seen."""

    def __init__(self, bus: Bus, clock: Clock, *, limit: int) -> None:
        self._bus = bus
        self._clock = clock
        self._limit = limit
        self.lines: dict[Lane, Line] = {}

    async def __call__(self) -> dict[Lane, Line]:
        """Look now. Raises Unavailable when Redis is away."""
        # Whatever a report causes passes these, wherever it came from.
        common = [await self._bus.backlog(FINDINGS), await self._bus.backlog(REPORT_RECEIPTS)]
        evidence = [await self._bus.backlog(EVIDENCE_RECEIPTS)]
        for lane in Lane:
            own = await self._bus.backlog(lane.topic)
            self.lines[lane] = self._line(own, [own, *(evidence if lane is Lane.EVIDENCE else common)])
        return self.lines

    def is_full(self, lane: Lane) -> bool:
        """Tell whether the lane was full when it was last looked at."""
        return lane in self.lines and self.lines[lane].full

    def _line(self, own: StreamLag, way: Sequence[StreamLag]) -> Line:
        waiting = [lag.oldest_seconds for lag in way if lag.length]
        since = self._clock() - timedelta(seconds=max(waiting)) if waiting else None
        return Line(full=own.length >= self._limit, waiting_since=since)
