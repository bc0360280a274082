"""Publish what a report changed, read from the state itself: the same for the first time and for every repetition."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from sluice_normaliser.domain.algorithms import Algorithm, label_of
from sluice_normaliser.storage import changes, names
from sluice_normaliser.storage.findings import unpack_keys
from sluice_normaliser.storage.scopes import AppliedReport
from sluice_shared.bus import Bus
from sluice_shared.contracts.events import RejectReason, ReportReceipt
from sluice_shared.contracts.finding import SEVERITY_RANK
from sluice_shared.contracts.ids import new_id
from sluice_shared.contracts.topics import FINDINGS, REPORT_RECEIPTS
from sluice_shared.db import Database

MAX_FINDINGS = 500
MAX_BYTES = 1_000_000
SEVERITY_BY_RANK = {rank: severity.value for severity, rank in SEVERITY_RANK.items()}


class Publisher:
    """Sends a report's changes in chunks of at most 500 findings and about 1 MiB, all under one emission id."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    async def publish(self, report: AppliedReport, *, in_line: int = 200) -> None:
        """Publish every chunk; a report that changed nothing sends one empty chunk. Raises Unavailable.

        Each chunk waits until fewer than ``in_line`` are before it.
        """
        chunks = [chunk async for chunk in self._chunks(report)]
        emission = new_id()
        async with self._database.transaction(read_only=True) as tx:
            known = await names.names(tx, report.scans)
        for number, (asset_id, findings) in enumerate(chunks):
            name = known[asset_id]
            event = {
                "version": 1,
                "report_id": report.report_id,
                "emission_id": emission,
                "chunk": number,
                "chunks": len(chunks),
                "asset": name.key,
                "asset_id": asset_id,
                "aliases": name.aliases,
                "renames": name.renames,
                "received_at": report.received_at,
                "counts": report.counts.model_dump(),
                "scans": [scan.model_dump(mode="json") for scan in report.scans[asset_id]],
                "findings": [orjson.Fragment(finding) for finding in findings],
            }
            await self._bus.wait_for_room(FINDINGS, key=name.key, below=in_line)
            await self._bus.publish(FINDINGS, orjson.dumps(event, default=str), key=name.key)

    async def reject(self, report_id: UUID, reason: RejectReason, detail: str, *, scanner: str | None) -> None:
        """Tell ingest that a report can never be taken. Raises Unavailable."""
        receipt = ReportReceipt(
            report_id=report_id, status="rejected", reason=reason, detail=detail, scanner=scanner, at=datetime.now(UTC)
        )
        await self._bus.publish(REPORT_RECEIPTS, receipt, key=str(report_id))

    async def give_up(self, report_id: UUID, why: str) -> None:
        """Tell ingest that a report was set apart. Raises Unavailable."""
        detail = f"the normaliser set its event apart ({why}): look at its log, mend the cause, then replay the report"
        receipt = ReportReceipt(
            report_id=report_id, status="stuck", reason=RejectReason.INTERNAL, detail=detail, at=datetime.now(UTC)
        )
        await self._bus.publish(REPORT_RECEIPTS, receipt, key=str(report_id))

    async def _chunks(self, report: AppliedReport) -> AsyncIterator[tuple[UUID, list[bytes]]]:
        for asset_id in report.scans:
            sent = False
            if report.changed:
                async for batch in self._batches(asset_id, report.report_id):
                    sent = True
                    yield asset_id, batch
            if not sent:
                # Without a change the scan itself is still news: the asset is covered by it.
                yield asset_id, []

    async def _batches(self, asset_id: UUID, report_id: UUID) -> AsyncIterator[list[bytes]]:
        after: UUID | None = None
        while True:
            async with self._database.transaction(read_only=True) as tx:
                rows = await changes.changed_findings(tx, asset_id, report_id, after=after, limit=MAX_FINDINGS)
                ids = [row["id"] for row in rows]
                observations = await changes.observations(tx, asset_id, ids) if ids else []
                refs = await changes.refs(tx, asset_id, ids) if ids else {}
            if not rows:
                return
            by_finding: dict[UUID, list[Any]] = defaultdict(list)
            for observation in observations:
                by_finding[observation["finding_id"]].append(observation)
            batch: list[bytes] = []
            size = 0
            for row in rows:
                state = _state(row, by_finding[row["id"]], refs.get(row["id"], []))
                if batch and size + len(state) > MAX_BYTES:
                    yield batch
                    batch, size = [], 0
                batch.append(state)
                size += len(state)
            yield batch
            if len(rows) < MAX_FINDINGS:
                return
            after = ids[-1]


def _state(row: Any, observations: list[Any], refs: list[str]) -> bytes:
    """Encode a :class:`~sluice_shared.contracts.events.FindingState`; stored observations go in as they are."""
    keys = {
        label_of(number): key.hex()
        for o in observations
        for number, key in unpack_keys(o["keys"])
        if number != Algorithm.PATHLESS_1
    }
    return orjson.dumps(
        {
            "finding_id": row["id"],
            "version": row["version"],
            "change": row["change"],
            "status": row["status"],
            "severity": SEVERITY_BY_RANK[row["severity"]],
            "first_seen_at": row["first_seen_at"],
            "opened_at": row["opened_at"],
            "resolved_at": row["resolved_at"],
            "reopen_count": row["reopen_count"],
            "refs": refs,
            "matched_by": row["matched_by"],
            "keys": keys,
            "observations": [_observation(o) for o in observations],
        },
        default=str,  # the driver's own UUID type
    )


def _observation(row: Any) -> orjson.Fragment:
    payload: str = row["payload"]
    if row["scanner_version"] is None:
        return orjson.Fragment(payload)
    # The version is kept beside the payload, so that a scanner's upgrade does not rewrite every finding.
    version = orjson.dumps(row["scanner_version"]).decode()
    return orjson.Fragment(f'{payload[:-1]},"scanner_version":{version}}}')
