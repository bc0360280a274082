"""Make a report due again, as if it had just been accepted."""

from datetime import timedelta
from uuid import UUID

from sluice_ingest.application.clock import Clock
from sluice_ingest.application.publish_reports import ReportPublisher
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.report import Report
from sluice_ingest.domain.schedule import unpublished_delay
from sluice_ingest.storage import reports
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class ReplayReport:
    """The use case."""

    def __init__(self, database: Database, publisher: ReportPublisher, clock: Clock) -> None:
        self._database = database
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, report_id: UUID, *, by: str) -> Report | None:
        """Return the report as it is now; None when there is none. Raises Refused (body_gone), Unavailable."""
        due_at = self._clock() + timedelta(seconds=unpublished_delay(spread=0.5))

        async def work(tx: Tx) -> Report | None:
            known = await reports.find(tx, report_id)
            if known is None:
                return None
            await reports.lock_body(tx, known.body_sha256)
            if not await reports.is_body_kept(tx, report_id):
                raise Refused(
                    Refusal.BODY_GONE,
                    "The report's body has been deleted after its retention time, so it cannot be replayed; "
                    "push the report again",
                )
            return await reports.replay(tx, report_id, due_at=due_at)

        report = await self._database.run(work)
        if report is not None:
            log.info("report replayed", report_id=report_id, by=by)
            self._publisher.submit(report)
        return report
