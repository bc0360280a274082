"""`/v1/reports`: where reports stand, and having them worked on again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status

from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.report import Report, ReportFilter, ReportStatus
from sluice_ingest.transport.auth import SCHEMES, ServiceDep, require
from sluice_ingest.transport.views import ReportView
from sluice_shared.auth import Principal, Scope
from sluice_shared.http import Page, Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=SCHEMES)
MAX_WAIT = 60
MAX_PAGE = 500
_MAX_SEQUENCE = 2**63 - 1
PLAIN = r"^[^\x00-\x1f\x7f]*$"


@router.get("/{report_id}", summary="Where a report stands")
async def read(
    report_id: UUID,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.READ, Scope.PUSH))],
    wait: Annotated[float, Query(ge=0, le=MAX_WAIT, description="Seconds to wait for it to be final, at most 60")] = 0,
) -> ReportView:
    """Return the report; with `wait`, as soon as it is final, or as it is when the time is over.

    Needs the scope read, or a token that may push reports of the same asset.
    """
    report = await service.wait_for_report(report_id, 0)
    if report is None or report.evidence is not None or not principal.covers(report.asset):
        raise _unknown(report_id)
    if wait and not report.status.is_final:
        report = await service.wait_for_report(report_id, wait)
    return ReportView.of(_found(report, report_id))


@router.get("", summary="List reports, newest first")
async def list_page(
    *,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.READ))],
    asset: Annotated[str | None, Query(pattern=PLAIN, description="Only of this asset key")] = None,
    report_status: Annotated[ReportStatus | None, Query(alias="status", description="Only in this status")] = None,
    scanner: Annotated[str | None, Query(pattern=PLAIN, description="Only of this scanner")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(description="next_cursor of the page before")] = None,
) -> Page[ReportView]:
    """Return a page of the reports whose assets the token covers."""
    wanted = ReportFilter(asset=asset, status=report_status, scanner=scanner, assets=principal.assets)
    found, before = await service.list_reports(wanted, before=sequence_of(cursor), limit=limit)
    next_cursor = None if before is None else encode_cursor(before)
    return Page(items=[ReportView.of(report) for report in found], next_cursor=next_cursor)


@router.post("/{report_id}/replay", status_code=status.HTTP_202_ACCEPTED, summary="Work on a report again")
async def replay(
    report_id: UUID,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.WRITE))],
) -> ReportView:
    """Hand the stored report on again, whatever became of it. Its body must still be kept, else 410."""
    report = await service.wait_for_report(report_id, 0)
    if report is None or report.evidence is not None or not principal.covers(report.asset):
        raise _unknown(report_id)
    return ReportView.of(_found(await service.replay_report(report_id, by=principal.name), report_id))


def _found(report: Report | None, report_id: UUID) -> Report:
    if report is None:
        raise _unknown(report_id)
    return report


def _unknown(report_id: UUID) -> Refused:
    return Refused(
        Refusal.UNKNOWN_REPORT, f"There is no report {report_id}, or the token does not cover its asset; check both"
    )


def sequence_of(cursor: str | None) -> int | None:
    """Return the sequence that a cursor stands for; raises a 400 problem for one of another list."""
    if cursor is None:
        return None
    values = decode_cursor(cursor)
    if len(values) != 1 or not isinstance(values[0], int) or not 0 <= values[0] <= _MAX_SEQUENCE:
        raise Problem(400, "bad_cursor", "The cursor cannot be read", "It belongs to another list; leave it out.")
    return values[0]
