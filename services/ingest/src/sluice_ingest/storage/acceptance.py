"""The one statement that accepts a report, or finds the one that it repeats."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_ingest.domain.report import Lane
from sluice_ingest.domain.submission import Submission
from sluice_shared.db import Tx
from sluice_shared.errors import Unavailable

_ATTEMPTS = 3

# A report is new unless its key was used before, or the same is still under way. Whatever comes in between from a
# request at the same time meets a unique index; then nothing comes back, and the other is found afterwards.
_ACCEPT = """
WITH earlier AS (
    SELECT id, fingerprint FROM report
    WHERE $2::text IS NOT NULL AND sender = $1 AND idempotency_key = $2
    UNION ALL
    (SELECT id, fingerprint FROM report
     WHERE $2::text IS NULL AND fingerprint = $3 AND status = 'accepted'
     ORDER BY sequence LIMIT 1)
), fresh AS (
    INSERT INTO report (sender, idempotency_key, fingerprint, id, asset, asset_id, ref, commit, scanner, category,
        complete, scanned_at, received_at, filename, source, body_ref, body_sha256, body_bytes, wire_bytes, lane,
        status, attempts, due_at, duplicate_of, evidence)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        'accepted', 0, $21,
        (SELECT id FROM report WHERE fingerprint = $3 ORDER BY sequence DESC LIMIT 1), $22
    WHERE NOT EXISTS (SELECT FROM earlier)
    ON CONFLICT DO NOTHING
    RETURNING id, fingerprint, sequence, duplicate_of
)
SELECT id, fingerprint, sequence, duplicate_of,
    EXISTS (SELECT FROM report WHERE body_sha256 = $17) AS shares_body
FROM fresh
UNION ALL
SELECT id, fingerprint, NULL, NULL, false FROM earlier
"""

_EARLIER = """
SELECT id, fingerprint, NULL::bigint AS sequence, NULL::uuid AS duplicate_of, false AS shares_body
FROM report
WHERE ($2::text IS NOT NULL AND sender = $1 AND idempotency_key = $2)
    OR ($2::text IS NULL AND fingerprint = $3 AND status = 'accepted')
ORDER BY sequence LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report about to be accepted. `sender` is within whom an idempotency key is unique."""

    id: UUID
    submission: Submission
    source: str
    sender: str
    idempotency_key: str | None
    body_ref: str
    body_sha256: str
    body_bytes: int
    wire_bytes: int
    lane: Lane
    received_at: datetime
    due_at: datetime
    put_began_at: datetime

    @property
    def fingerprint(self) -> str:
        """What two requests for the same report have in common."""
        return self.submission.fingerprint(self.body_sha256)


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """What came of it: the report of this id, new if `sequence` is set, else an earlier one with `fingerprint`.

    `shares_body` tells that an older report has the same body, which the retention sweep may be about to delete.
    """

    id: UUID
    fingerprint: str
    sequence: int | None
    duplicate_of: UUID | None
    shares_body: bool


async def accept(tx: Tx, new: NewReport) -> AcceptedRow:
    """Insert the report, or find the one that it repeats.

    Raises Unavailable when that one is settled just now, again and again: the client's next attempt is a new report.
    """
    for _ in range(_ATTEMPTS):
        row = await tx.fetchrow(_ACCEPT, *_values(new))
        if row is None:
            row = await tx.fetchrow(_EARLIER, new.sender, new.idempotency_key, new.fingerprint)
        if row is not None:
            return AcceptedRow(row["id"], row["fingerprint"], row["sequence"], row["duplicate_of"], row["shares_body"])
    raise Unavailable("database", "the report that this one repeats is settled at this moment", retry_after=1.0)


def _values(new: NewReport) -> tuple[object, ...]:
    s = new.submission
    return (
        new.sender,
        new.idempotency_key,
        new.fingerprint,
        new.id,
        s.asset,
        s.asset_id,
        s.ref,
        s.commit,
        s.scanner,
        s.category,
        s.complete,
        s.scanned_at,
        new.received_at,
        s.filename,
        new.source,
        new.body_ref,
        new.body_sha256,
        new.body_bytes,
        new.wire_bytes,
        new.lane.value,
        new.due_at,
        s.evidence.value if s.evidence else None,
    )
