"""Queries over reports: find them, settle one, make one due again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from sluice_ingest.domain.report import Lane, Reason, Report, ReportFilter, ReportStatus
from sluice_ingest.storage.globs import any_glob
from sluice_ingest.storage.tables import ReportRow
from sluice_shared.contracts.events import EvidenceCounts, EvidenceType, ReportCounts
from sluice_shared.db import Record, Tx

_CLOCK_MARGIN = timedelta(minutes=10)
"""Between the clocks of replicas, when one deletes a body that another has just put."""

COLUMNS = """id, sequence, asset, ref, commit, scanner, detected_scanner, category, complete, scanned_at, received_at,
    filename, source, body_ref, body_sha256, body_bytes, wire_bytes, lane, status, reason, detail, counts, attempts,
    published_at, due_at, finished_at, duplicate_of, evidence"""

_DELETED_SINCE = "SELECT EXISTS (SELECT FROM report WHERE body_sha256 = $1 AND body_deleted_at >= $2)"

_LOCKED = f"SELECT {COLUMNS} FROM report WHERE id = $1 FOR UPDATE"  # noqa: S608 - no input in it

_SETTLE = """
UPDATE report
SET status = $2, reason = $3, detail = $4, counts = $5, detected_scanner = coalesce($6, detected_scanner),
    finished_at = $7, due_at = NULL
WHERE id = $1
"""

# A replayed report may be under way beside one that repeats it, so it gets a key of its own.
_REPLAY = f"""
UPDATE report
SET status = 'accepted', reason = NULL, detail = NULL, counts = NULL, attempts = 0, published_at = NULL,
    finished_at = NULL, due_at = $2, body_deleted_at = NULL,
    idempotency_key = coalesce(idempotency_key, 'replay:' || id)
WHERE id = $1
RETURNING {COLUMNS}
"""  # noqa: S608 - no input in it

_BODY_KEPT = """
SELECT EXISTS (
    SELECT FROM report AS kept
    WHERE kept.body_sha256 = (SELECT body_sha256 FROM report WHERE id = $1) AND kept.body_deleted_at IS NULL)
"""


async def lock_body(tx: Tx, sha256: str) -> None:
    """Keep others from deleting the body, and wait until none does, until the transaction ends."""
    await tx.lock("body", sha256)


async def was_deleted_since(tx: Tx, sha256: str, moment: datetime) -> bool:
    """Tell whether the retention sweep deleted the body after `moment`, or so close before that clocks may differ."""
    return bool(await tx.fetchval(_DELETED_SINCE, sha256, moment - _CLOCK_MARGIN))


async def find(tx: Tx, report_id: UUID) -> Report | None:
    """Return the report, if there is one."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM report WHERE id = $1", report_id)  # noqa: S608 - no input in it
    return None if row is None else report_of(row)


async def page(tx: Tx, wanted: ReportFilter, *, before: int | None, limit: int) -> list[Report]:
    """Return up to `limit` reports, newest first, that were accepted before the one of sequence `before`."""
    row = ReportRow
    conditions: list[ColumnElement[bool]] = [
        col(row.evidence).is_not(None) if wanted.evidence else col(row.evidence).is_(None)
    ]
    if wanted.evidence_type is not None:
        conditions.append(col(row.evidence) == wanted.evidence_type.value)
    if before is not None:
        conditions.append(col(row.sequence) < before)
    if wanted.asset is not None:
        conditions.append(col(row.asset) == wanted.asset)
    if wanted.status is not None:
        conditions.append(col(row.status) == wanted.status.value)
    if wanted.scanner is not None:
        conditions.append(func.coalesce(row.detected_scanner, row.scanner) == wanted.scanner)
    if wanted.assets:
        conditions.append(any_glob(col(row.asset), wanted.assets))
    query = select(row).where(*conditions).order_by(col(row.sequence).desc()).limit(limit)
    return [_report_of_row(found) for found in await tx.session.exec(query)]


async def hold(tx: Tx, report_id: UUID) -> Report | None:
    """Lock the report until the transaction ends, and return it; None when there is none."""
    row = await tx.fetchrow(_LOCKED, report_id)
    return None if row is None else report_of(row)


async def settle(
    tx: Tx,
    report_id: UUID,
    status: ReportStatus,
    *,
    reason: Reason | None,
    counts: ReportCounts | EvidenceCounts,
    scanner: str | None,
    at: datetime,
) -> None:
    """Give the report its final status; it is no longer due."""
    code, detail = (reason.code, reason.detail) if reason else (None, None)
    await tx.execute(_SETTLE, report_id, status.value, code, detail, counts.model_dump_json(), scanner, at)


async def replay(tx: Tx, report_id: UUID, *, due_at: datetime) -> Report | None:
    """Make the report due again as if it had just been accepted; None when there is none."""
    row = await tx.fetchrow(_REPLAY, report_id, due_at)
    return None if row is None else report_of(row)


async def is_body_kept(tx: Tx, report_id: UUID) -> bool:
    """Tell whether the report's body is still in the blob store."""
    return bool(await tx.fetchval(_BODY_KEPT, report_id))


def report_of(row: Record) -> Report:
    """Make a report of a row of :data:`COLUMNS`."""
    values = dict(row.items())
    counts = values.pop("counts")
    return _make(values, orjson.loads(counts) if counts else None)


def reports_of(rows: Sequence[Record]) -> list[Report]:
    """Make reports of rows."""
    return [report_of(row) for row in rows]


def _report_of_row(row: ReportRow) -> Report:
    names = [name.strip() for name in COLUMNS.split(",")]
    values = {name: getattr(row, name) for name in names}
    return _make(values, values.pop("counts"))


def _make(values: dict[str, object], counts: dict[str, object] | None) -> Report:
    code, detail = values.pop("reason"), values.pop("detail")
    reason = None if code is None else Reason(str(code), None if detail is None else str(detail))
    evidence = EvidenceType(str(kind)) if (kind := values.pop("evidence")) else None
    lane, status = Lane(str(values.pop("lane"))), ReportStatus(str(values.pop("status")))
    return Report(
        **values,  # type: ignore[arg-type]  # the columns are named after the fields
        lane=lane,
        status=status,
        reason=reason,
        counts=ReportCounts.model_validate(counts or {}),
        evidence=evidence,
        evidence_counts=EvidenceCounts.model_validate(counts or {}) if evidence else None,
    )
