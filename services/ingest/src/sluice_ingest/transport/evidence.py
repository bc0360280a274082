"""`/v1/evidence`: CODEOWNERS, VEX, bills of materials and attestations about an asset, and where they stand."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status

from sluice_ingest.domain.decoding import coding_of
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.report import Report, ReportFilter, ReportStatus
from sluice_ingest.domain.submission import read_evidence
from sluice_ingest.transport.auth import SCHEMES, ServiceDep, require
from sluice_ingest.transport.push import check_asset_of, checked_key, sender_of, single_values
from sluice_ingest.transport.reports import MAX_PAGE, MAX_WAIT, PLAIN, sequence_of
from sluice_ingest.transport.views import AcceptedEvidenceView, EvidenceView
from sluice_ingest.transport.wire import wire_bytes
from sluice_shared.auth import Principal, Scope
from sluice_shared.contracts.events import EvidenceType
from sluice_shared.http import Page, encode_cursor

router = APIRouter(prefix="/v1/evidence", tags=["evidence"], dependencies=SCHEMES)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The document as it is. Content-Encoding gzip and zstd are undone, and so is a compressed file.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _documented(
    *,  # the values are read from the query itself, so that an unknown name is noticed
    evidence_type: Annotated[
        str | None, Query(alias="type", description="codeowners, vex, sbom or attestation; required")
    ] = None,
    asset: Annotated[str | None, Query(description="Key of the asset it is about; required")] = None,
    ref: Annotated[str | None, Query(description="Branch, tag or environment; 'default' when left out")] = None,
    commit: Annotated[str | None, Query(description="Commit that it is of")] = None,
    made_at: Annotated[str | None, Query(description="When it was made, ISO 8601; else when it is received")] = None,
    filename: Annotated[str | None, Query(description="The file's name")] = None,
) -> None:
    """Say in the OpenAPI document what the query may hold; a coroutine only to be kept out of the thread pool."""
    del evidence_type, asset, ref, commit, made_at, filename


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Push evidence about an asset",
    dependencies=[Depends(_documented)],
    openapi_extra=_BODY,
)
async def push(
    request: Request,
    response: Response,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.PUSH))],
    idempotency_key: Annotated[
        str | None, Header(description="Names this request: sent again under the same key, it is taken once")
    ] = None,
) -> AcceptedEvidenceView:
    """Store the evidence and answer 202 with its id; it is taken into the index afterwards."""
    submission = read_evidence(single_values(request), now=service.clock())
    check_asset_of(principal, submission)
    key = checked_key(idempotency_key)
    coding = coding_of(request.headers.get("content-encoding"))
    with service.receiver.receiving() as reception:
        body = await reception.receive(wire_bytes(request, service.max_wire_bytes), coding)
        accepted = await service.accept_report(submission, body, sender_of(principal), key)
    view = AcceptedEvidenceView.of(accepted)
    response.headers["Location"] = view.status_url
    return view


@router.get("/{evidence_id}", summary="Where a piece of evidence stands")
async def read(
    evidence_id: UUID,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.READ, Scope.PUSH))],
    wait: Annotated[float, Query(ge=0, le=MAX_WAIT, description="Seconds to wait for it to be final, at most 60")] = 0,
) -> EvidenceView:
    """Return it; with `wait`, as soon as it is final, or as it is when the time is over."""
    found = await _visible(service, principal, evidence_id)
    if wait and not found.status.is_final:
        found = await service.wait_for_report(evidence_id, wait) or found
    return EvidenceView.of(found)


@router.get("", summary="List evidence, the newest first")
async def list_page(
    *,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.READ))],
    evidence_type: Annotated[EvidenceType | None, Query(alias="type", description="Only of this type")] = None,
    asset: Annotated[str | None, Query(pattern=PLAIN, description="Only of this asset key")] = None,
    evidence_status: Annotated[ReportStatus | None, Query(alias="status", description="Only in this status")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(description="next_cursor of the page before")] = None,
) -> Page[EvidenceView]:
    """Return a page of the evidence whose assets the token covers."""
    wanted = ReportFilter(
        asset=asset, status=evidence_status, assets=principal.assets, evidence=True, evidence_type=evidence_type
    )
    found, before = await service.list_reports(wanted, before=sequence_of(cursor), limit=limit)
    next_cursor = None if before is None else encode_cursor(before)
    return Page(items=[EvidenceView.of(each) for each in found], next_cursor=next_cursor)


@router.post("/{evidence_id}/replay", status_code=status.HTTP_202_ACCEPTED, summary="Take evidence in again")
async def replay(
    evidence_id: UUID,
    service: ServiceDep,
    principal: Annotated[Principal, Depends(require(Scope.WRITE))],
) -> EvidenceView:
    """Hand the stored evidence on again, whatever became of it. Its body must still be kept, else 410."""
    found = await _visible(service, principal, evidence_id)
    return EvidenceView.of(await service.replay_report(evidence_id, by=principal.name) or found)


async def _visible(service: ServiceDep, principal: Principal, evidence_id: UUID) -> Report:
    found = await service.wait_for_report(evidence_id, 0)
    if found is None or found.evidence is None or not principal.covers(found.asset):
        raise Refused(
            Refusal.UNKNOWN_EVIDENCE,
            f"There is no evidence {evidence_id}, or the token does not cover its asset; check both",
        )
    return found
