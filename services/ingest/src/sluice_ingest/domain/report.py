"""The life of a report in ingest: accepted and due until a receipt, or the end of patience, settles it.

A piece of evidence (CODEOWNERS, VEX, …) is a report in all of this; only its way leads past the normaliser.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sluice_shared.contracts.events import (
    EvidenceCounts,
    EvidenceReceipt,
    EvidenceReceived,
    EvidenceType,
    ReportCounts,
    ReportReceipt,
    ReportReceived,
)
from sluice_shared.contracts.topics import EVIDENCE, REPORTS, REPORTS_BULK, Topic


class ReportStatus(StrEnum):
    """Where a report is. Only `accepted` is due; the others are final, though a receipt still moves `stuck`."""

    ACCEPTED = "accepted"
    INDEXED = "indexed"
    REJECTED = "rejected"
    STUCK = "stuck"

    @property
    def is_final(self) -> bool:
        """True when nothing more is expected to happen by itself."""
        return self is not ReportStatus.ACCEPTED


class Lane(StrEnum):
    """Which stream carries a report: large ones travel apart, so that a small one never waits behind them."""

    INTERACTIVE = REPORTS.name
    BULK = REPORTS_BULK.name
    EVIDENCE = EVIDENCE.name

    @property
    def topic(self) -> Topic:
        """The row of the topic table."""
        return _TOPICS[self]


_TOPICS = {Lane.INTERACTIVE: REPORTS, Lane.BULK: REPORTS_BULK, Lane.EVIDENCE: EVIDENCE}


def lane_for(body_bytes: int, bulk_bytes: int, evidence: EvidenceType | None = None) -> Lane:
    """Return the lane of a body of `body_bytes`; above `bulk_bytes` it is the bulk lane; evidence has its own."""
    if evidence is not None:
        return Lane.EVIDENCE
    return Lane.BULK if body_bytes > bulk_bytes else Lane.INTERACTIVE


def body_key(sha256: str) -> str:
    """Return the blob store's key of a body: by content, so that a repeated body is stored once."""
    return f"bodies/{sha256[:2]}/{sha256}.zst"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a report is rejected or stuck."""

    code: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """One report as ingest knows it; sizes in bytes, times in UTC.

    `scanner` is what the client said, `detected_scanner` what the content turned out to be.
    """

    id: UUID
    sequence: int
    asset: str
    ref: str
    commit: str | None
    scanner: str | None
    detected_scanner: str | None
    category: str
    complete: bool
    scanned_at: datetime | None
    received_at: datetime
    filename: str | None
    source: str
    body_ref: str
    body_sha256: str
    body_bytes: int
    wire_bytes: int
    lane: Lane
    status: ReportStatus = ReportStatus.ACCEPTED
    reason: Reason | None = None
    counts: ReportCounts = field(default_factory=ReportCounts)
    attempts: int = 0
    published_at: datetime | None = None
    due_at: datetime | None = None
    finished_at: datetime | None = None
    duplicate_of: UUID | None = None
    evidence: EvidenceType | None = None
    evidence_counts: EvidenceCounts | None = None

    def received_event(self) -> ReportReceived | EvidenceReceived:
        """Return the event that hands the report on: a reference, never the body."""
        if self.evidence is not None:
            return self._evidence_event(self.evidence)
        return ReportReceived(
            report_id=self.id,
            sequence=self.sequence,
            asset=self.asset,
            ref=self.ref,
            commit=self.commit,
            scanner=self.scanner,
            category=self.category,
            complete=self.complete,
            scanned_at=self.scanned_at,
            received_at=self.received_at,
            body_ref=self.body_ref,
            body_bytes=self.body_bytes,
            body_sha256=self.body_sha256,
            filename=self.filename,
            source=self.source,
        )

    def _evidence_event(self, kind: EvidenceType) -> EvidenceReceived:
        return EvidenceReceived(
            evidence_id=self.id,
            sequence=self.sequence,
            type=kind,
            asset=self.asset,
            ref=self.ref,
            commit=self.commit,
            made_at=self.scanned_at,
            received_at=self.received_at,
            body_ref=self.body_ref,
            body_bytes=self.body_bytes,
            body_sha256=self.body_sha256,
            filename=self.filename,
            source=self.source,
            from_report=self.scanner is not None,
        )


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports a list has; `assets` are globs that the caller is limited to, none means all.

    ``evidence`` asks for evidence instead, of any type or of one.
    """

    asset: str | None = None
    status: ReportStatus | None = None
    scanner: str | None = None
    assets: tuple[str, ...] = ()
    evidence: bool = False
    evidence_type: EvidenceType | None = None


def settles(current: ReportStatus, receipt: ReportReceipt | EvidenceReceipt) -> bool:
    """Tell whether a receipt changes a report that is `current`.

    A receipt may come twice, and a late rejection must not undo what is indexed; a rejection that a later publication
    overcame, and a report that was given up too early, do become indexed. Setting apart one of a report's events only
    matters to a report that is still on its way.
    """
    settled = ReportStatus(receipt.status)
    if current is ReportStatus.INDEXED or current is settled:
        return False
    return settled is not ReportStatus.STUCK or current is ReportStatus.ACCEPTED
