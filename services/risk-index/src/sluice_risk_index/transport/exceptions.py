"""`/v1/exceptions`: the exceptions in force, what they cover, and how long they last."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from sluice_risk_index.application.list_exceptions import ExceptionStatus
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.http import Page

router = APIRouter(prefix="/v1/exceptions", tags=["exceptions"])


class ExceptionItem(BaseModel):
    """An exception of the configuration folder."""

    id: str
    file: str
    state: str = Field(description="active, pending before its first day, or expired")
    selector: dict[str, Any]
    reason: str
    controls: list[str]
    requester: str
    approver: str
    created: date
    review: date
    expires: date
    days_left: int
    review_due: bool
    classes: list[RiskClass] = Field(description="Risk classes that it covers now")
    findings: int = Field(description="Open findings that it covers")
    teams: dict[str, int] = Field(description="The same by owner")
    orphaned: bool = Field(description="Active, and covers nothing: none matches, or others cover all that do")


@router.get("", summary="List exceptions")
async def list_exceptions(service: ServiceDep, reader: Reader) -> Page[ExceptionItem]:
    """List the exceptions in the order of their ids; the list is never cut into pages."""
    return Page(items=[_item(status) for status in await service.list_exceptions(reader)], next_cursor=None)


def _item(status: ExceptionStatus) -> ExceptionItem:
    entry = status.entry
    return ExceptionItem(
        id=entry.id,
        file=status.file,
        state=status.state,
        selector=entry.selector.model_dump(mode="json", by_alias=True, exclude_none=True),
        reason=entry.reason,
        controls=list(entry.controls),
        requester=entry.requester,
        approver=entry.approver,
        created=entry.created,
        review=entry.review,
        expires=entry.expires,
        days_left=status.days_left,
        review_due=entry.review <= status.now.date(),
        classes=sorted(status.covers),
        findings=status.findings.total(),
        teams=dict(status.findings),
        orphaned=status.orphaned,
    )
