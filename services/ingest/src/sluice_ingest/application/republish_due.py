"""Publish again what stays due too long, and give up on what no publication settles."""

from datetime import timedelta

from sluice_ingest.application.clock import Clock
from sluice_ingest.application.publish_reports import Cause, ReportPublisher
from sluice_ingest.application.wait_for_report import Waiters
from sluice_ingest.application.watch_line import WatchLine
from sluice_ingest.domain.line import Line
from sluice_ingest.domain.report import Lane, Reason, ReportStatus
from sluice_ingest.domain.schedule import Patience
from sluice_ingest.metrics import PUBLICATIONS, count_report
from sluice_ingest.storage import outbox
from sluice_ingest.storage.outbox import Stuck, Sweep
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

_BATCH = 200
_SPREAD = 0.2
"""By which share at most a wait is lengthened, so that reports that wait together do not stay together."""
_LEASE = timedelta(seconds=30)
"""How long other replicas leave claimed reports alone; publishing takes a few seconds at most."""

log = get_logger(__name__)


class RepublishDue:
    """The use case; a call handles one batch and returns how many reports were in it."""

    def __init__(
        self,
        database: Database,
        watch_line: WatchLine,
        publisher: ReportPublisher,
        waiters: Waiters,
        patience: Patience,
        clock: Clock,
    ) -> None:
        self._database = database
        self._watch_line = watch_line
        self._publisher = publisher
        self._waiters = waiters
        self._patience = patience
        self._clock = clock

    async def __call__(self) -> int:
        """Handle one batch of each lane; raises Unavailable when the database or Redis is away.

        While Redis is away nothing can be published, and nobody can say what is in line: so nothing is given up either.
        """
        lines = await self._watch_line()
        return sum([await self._sweep(lane, line) for lane, line in lines.items()])

    async def after_loss(self) -> None:
        """Make due what had been published, since Redis has lost it. Raises Unavailable when the database is away."""
        lost = await self._database.run(lambda tx: outbox.lose_publications(tx, now=self._clock()))
        if lost:
            log.warning("published reports are due again, since redis has lost them", count=lost)

    async def _sweep(self, lane: Lane, line: Line) -> int:
        now = self._clock()
        sweep = Sweep(lane, now, line.in_line_from, self._patience.max_attempts, _BATCH)
        wait = timedelta(seconds=self._patience.first)
        async with self._database.transaction() as tx:
            waiting = await outbox.keep_waiting(tx, sweep, until=now + wait, spread=wait * _SPREAD)
            stuck = await outbox.give_up(tx, sweep, reason=self._no_receipt())
            due = [] if line.full else await outbox.claim(tx, sweep, leased_until=now + _LEASE)
        PUBLICATIONS.labels(Cause.DUE, "in_line").inc(waiting)
        self._report_stuck(stuck)
        if due:
            await self._publisher.publish_due(due)
        return waiting + len(due) + len(stuck)

    def _no_receipt(self) -> Reason:
        return Reason(
            "no_receipt",
            f"Nobody confirmed the report after {self._patience.max_attempts} publications; look at the logs and the "
            "dead letters of normaliser and risk-index, then replay it",
        )

    def _report_stuck(self, stuck: list[Stuck]) -> None:
        for report_id, scanner, evidence in stuck:
            count_report(scanner, evidence, ReportStatus.STUCK)
            log.error("report is stuck", report_id=report_id, attempts=self._patience.max_attempts)
            self._waiters.wake(report_id)
