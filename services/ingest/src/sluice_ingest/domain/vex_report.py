"""Which reports hold VEX statements, and are evidence by that."""

from sluice_ingest.domain.report import Report, ReportStatus
from sluice_ingest.domain.submission import Submission
from sluice_shared.contracts.events import EvidenceType, ReportReceipt

VEX_FORMATS = frozenset({"openvex", "csaf", "cyclonedx"})
"""Scanners' names of formats that may say of a vulnerability whether it matters."""


def statements_of(report: Report, receipt: ReportReceipt) -> Submission | None:
    """Return as what evidence a report is to be handed on that was indexed just now; None when it holds none."""
    if receipt.status != ReportStatus.INDEXED.value or report.evidence is not None:
        return None
    scanner = receipt.scanner or report.scanner
    if scanner not in VEX_FORMATS:
        return None
    return Submission(
        asset=report.asset,
        ref=report.ref,
        commit=report.commit,
        scanner=scanner,
        scanned_at=report.scanned_at,
        filename=report.filename,
        evidence=EvidenceType.VEX,
    )
