"""Accept a report: store the body, commit the row, then publish. Nothing is answered that is not stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from sluice_ingest.application.clock import Clock
from sluice_ingest.application.publish_reports import ReportPublisher
from sluice_ingest.application.receive_body import Body
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.report import Report, ReportStatus, body_key, lane_for
from sluice_ingest.domain.schedule import unpublished_delay
from sluice_ingest.domain.submission import Submission
from sluice_ingest.metrics import BODY_BYTES, DUPLICATES, count_report
from sluice_ingest.storage import acceptance, reports
from sluice_ingest.storage.acceptance import AcceptedRow, NewReport
from sluice_shared.blobs import BlobStore
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands a report in. `id` is within what idempotency keys are unique, `name` what the report remembers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The report's id; `duplicate` when an earlier request had already brought this very report."""

    report_id: UUID
    duplicate: bool


class AcceptReport:
    """The use case; `bulk_bytes` is the size in bytes above which a report takes the bulk lane."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        publisher: ReportPublisher,
        clock: Clock,
        *,
        bulk_bytes: int,
        large_at_once: int,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._publisher = publisher
        self._clock = clock
        self._bulk_bytes = bulk_bytes
        self._large = asyncio.Semaphore(large_at_once)

    async def __call__(self, submission: Submission, body: Body, sender: Sender, key: str | None) -> Accepted:
        """Accept the body under `key`, the sender's name for this request, if it has one.

        Raises Refused (key_reused), Unavailable.
        """
        new = self._new_report(submission, body, sender, key)
        await self._put(new.body_ref, body)

        async def work(tx: Tx) -> AcceptedRow:
            row = await acceptance.accept(tx, new)
            if row.shares_body:
                await self._keep(tx, new, body)
            return row

        row = await self._database.run(work)
        if row.fingerprint != new.fingerprint:
            raise Refused(
                Refusal.KEY_REUSED,
                "This idempotency key has already been used for another body or other parameters; "
                "send a new report under a new key",
                report_id=str(row.id),
            )
        # Its own id comes back with no sequence when the commit took place but its answer was lost.
        if row.id != new.id:
            DUPLICATES.inc()
            return Accepted(row.id, duplicate=True)
        self._accepted(new, row)
        return Accepted(row.id, duplicate=False)

    def _new_report(self, submission: Submission, body: Body, sender: Sender, key: str | None) -> NewReport:
        now = self._clock()
        return NewReport(
            id=new_id(),
            submission=submission,
            source=sender.name,
            sender=sender.id,
            idempotency_key=key,
            body_ref=body_key(body.sha256),
            body_sha256=body.sha256,
            body_bytes=body.size,
            wire_bytes=body.wire_bytes,
            lane=lane_for(body.size, self._bulk_bytes, submission.evidence),
            received_at=now,
            due_at=now + timedelta(seconds=unpublished_delay(spread=0.5)),
            put_began_at=now,
        )

    async def _put(self, key: str, body: Body) -> None:
        async with self._room(body):
            # A map of a file is bytes to whoever only reads it.
            await self._blobs.put(key, cast("bytes", body.contents))

    async def _keep(self, tx: Tx, new: NewReport, body: Body) -> None:
        """See to it that the retention sweep, at work on an older report, does not take away the body they share."""
        await reports.lock_body(tx, new.body_sha256)
        if await reports.was_deleted_since(tx, new.body_sha256, new.put_began_at):
            await self._put(new.body_ref, body)

    @asynccontextmanager
    async def _room(self, body: Body) -> AsyncIterator[None]:
        """Wait for a turn when the body is large: its compressed copy is in memory while it is put."""
        if not body.is_large:
            yield
            return
        async with self._large:
            yield

    def _accepted(self, new: NewReport, row: AcceptedRow) -> None:
        count_report(new.submission.scanner, new.submission.evidence, ReportStatus.ACCEPTED)
        BODY_BYTES.observe(new.body_bytes)
        log.debug(
            "report accepted",
            report_id=new.id,
            asset=new.submission.asset,
            ref=new.submission.ref,
            source=new.source,
            body_bytes=new.body_bytes,
        )
        if row.sequence is not None:
            self._publisher.submit(_report(new, row.sequence, row.duplicate_of))


def _report(new: NewReport, sequence: int, duplicate_of: UUID | None) -> Report:
    s = new.submission
    return Report(
        id=new.id,
        sequence=sequence,
        asset=s.asset,
        ref=s.ref,
        commit=s.commit,
        scanner=s.scanner,
        detected_scanner=None,
        category=s.category,
        complete=s.complete,
        scanned_at=s.scanned_at,
        received_at=new.received_at,
        filename=s.filename,
        source=new.source,
        body_ref=new.body_ref,
        body_sha256=new.body_sha256,
        body_bytes=new.body_bytes,
        wire_bytes=new.wire_bytes,
        lane=new.lane,
        due_at=new.due_at,
        duplicate_of=duplicate_of,
        evidence=s.evidence,
    )
