"""What the routes answer with."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sluice_ingest.application.accept_report import Accepted
from sluice_ingest.domain.report import Report, ReportStatus
from sluice_ingest.domain.tokens import Token
from sluice_shared.auth import Scope
from sluice_shared.contracts.events import EvidenceCounts, EvidenceType, ReportCounts


class AcceptedView(BaseModel):
    """A report was accepted: it is stored, and will be worked on."""

    report_id: UUID
    status_url: str = Field(description="Where its status is; add ?wait=60 to be answered when it is final")
    duplicate: bool = Field(description="True when an earlier request had already brought this very report")

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        """Make the answer."""
        return cls(
            report_id=accepted.report_id,
            status_url=f"/v1/reports/{accepted.report_id}",
            duplicate=accepted.duplicate,
        )


class AcceptedEvidenceView(BaseModel):
    """Evidence was accepted: it is stored, and will be taken into the index."""

    evidence_id: UUID
    status_url: str = Field(description="Where its status is; add ?wait=60 to be answered when it is final")
    duplicate: bool = Field(description="True when an earlier request had already brought this very evidence")

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        """Make the answer."""
        return cls(
            evidence_id=accepted.report_id,
            status_url=f"/v1/evidence/{accepted.report_id}",
            duplicate=accepted.duplicate,
        )


class ReasonView(BaseModel):
    """Why a report is rejected or stuck."""

    code: str
    detail: str | None = Field(description="What is wrong and what to do about it")


class ReportView(BaseModel):
    """A report and where it stands."""

    report_id: UUID
    status: ReportStatus = Field(
        description="accepted: on its way; indexed: its findings are in the index; rejected: it can never be, see "
        "reason; stuck: nobody confirmed it, replay it once the cause is gone"
    )
    asset: str
    ref: str
    commit: str | None
    scanner: str | None = Field(description="As recognised from the report, else as the sender named it")
    category: str
    complete: bool
    scanned_at: datetime | None = Field(description="As the sender said it")
    received_at: datetime
    finished_at: datetime | None
    counts: ReportCounts
    reason: ReasonView | None
    attempts: int = Field(description="How often it was handed on to be worked on")
    body_bytes: int = Field(description="Size in bytes after decompression")
    body_sha256: str
    source: str = Field(description="The token or webhook source that brought it")
    filename: str | None
    duplicate_of: UUID | None = Field(description="The report before it with the same scope and the same body")

    @classmethod
    def of(cls, report: Report) -> Self:
        """Make the answer."""
        reason = report.reason
        return cls(
            report_id=report.id,
            status=report.status,
            asset=report.asset,
            ref=report.ref,
            commit=report.commit,
            scanner=report.detected_scanner or report.scanner,
            category=report.category,
            complete=report.complete,
            scanned_at=report.scanned_at,
            received_at=report.received_at,
            finished_at=report.finished_at,
            counts=report.counts,
            reason=ReasonView(code=reason.code, detail=reason.detail) if reason else None,
            attempts=report.attempts,
            body_bytes=report.body_bytes,
            body_sha256=report.body_sha256,
            source=report.source,
            filename=report.filename,
            duplicate_of=report.duplicate_of,
        )


class EvidenceView(BaseModel):
    """A piece of evidence and where it stands."""

    evidence_id: UUID
    type: EvidenceType
    status: ReportStatus = Field(
        description="accepted: on its way; indexed: it counts; rejected: it can never be, see reason; stuck: nobody "
        "confirmed it, replay it once the cause is gone"
    )
    asset: str
    ref: str
    commit: str | None
    made_at: datetime | None = Field(description="As the sender said it")
    received_at: datetime
    finished_at: datetime | None
    counts: EvidenceCounts
    reason: ReasonView | None
    attempts: int = Field(description="How often it was handed on")
    body_bytes: int = Field(description="Size in bytes after decompression")
    body_sha256: str
    source: str = Field(description="The token or webhook source that brought it")
    filename: str | None
    of_report: bool = Field(description="It came as a report that holds VEX statements")

    @classmethod
    def of(cls, report: Report) -> Self:
        """Make the answer; the report is evidence."""
        reason = report.reason
        return cls(
            evidence_id=report.id,
            type=EvidenceType(report.evidence or ""),
            status=report.status,
            asset=report.asset,
            ref=report.ref,
            commit=report.commit,
            made_at=report.scanned_at,
            received_at=report.received_at,
            finished_at=report.finished_at,
            counts=report.evidence_counts or EvidenceCounts(),
            reason=ReasonView(code=reason.code, detail=reason.detail) if reason else None,
            attempts=report.attempts,
            body_bytes=report.body_bytes,
            body_sha256=report.body_sha256,
            source=report.source,
            filename=report.filename,
            of_report=report.scanner is not None,
        )


class TokenView(BaseModel):
    """A token, without its text."""

    id: UUID
    name: str
    scopes: list[Scope]
    assets: list[str] = Field(description="Globs over asset keys; none means all")
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute")

    @classmethod
    def of(cls, token: Token) -> Self:
        """Make the answer."""
        return cls(
            id=token.id,
            name=token.name,
            scopes=[Scope(scope) for scope in token.scopes],
            assets=list(token.assets),
            created_at=token.created_at,
            created_by=token.created_by,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            last_used_at=token.last_used_at,
        )


class NewTokenView(TokenView):
    """A token that was just created."""

    token: str = Field(description="The token's text; it is shown this once and cannot be had again")
