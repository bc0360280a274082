"""Which reports hold VEX statements, and are evidence by that."""

from sluice_ingest.domain.report import Report, ReportStatus
from sluice_ingest.domain.submission import Submission
from sluice_shared.contracts.events import EvidenceType, ReportReceipt

UNNAMED = "vex"
"""Scanner of a report that names none; that there is one tells evidence that came as a report."""


def statements_of(report: Report, receipt: ReportReceipt) -> Submission | None:
    """Return as what evidence a report is to be handed on that was indexed just now; None when it holds none."""
    if receipt.status != ReportStatus.INDEXED.value or report.evidence is not None or not receipt.vex:
        return None
    return Submission(
        asset=report.asset,
        ref=report.ref,
        commit=report.commit,
        scanner=receipt.scanner or report.scanner or UNNAMED,
        scanned_at=report.scanned_at,
        filename=report.filename,
        evidence=EvidenceType.VEX,
    )
