"""`/v1/findings/{id}/decisions`, `/v1/decisions`, `/v1/audit`: what people decide, and the record of it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.triage import BadDecisionError, Decision, Ruling
from sluice_risk_index.errors import OutdatedPreviewError, UnknownFindingError, UnknownPreviewError
from sluice_risk_index.transport.filters import FindingFilter
from sluice_risk_index.transport.findings import FindingItem
from sluice_risk_index.transport.parameters import Cursor, Limit, printable
from sluice_risk_index.transport.service import Admin, ServiceDep, Writer
from sluice_shared.http import Page, Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1", tags=["decisions"])
_MOST_NAMED = 100
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class NewDecision(BaseModel):
    """How findings are to be treated from now on, and why."""

    model_config = ConfigDict(extra="forbid")

    state: Decision = Field(description="accepted, false_positive, mitigated, deferred, confirmed, or open")
    reason: Reason
    until: AwareDatetime | None = Field(
        default=None,
        description="When it ends by itself; required for accepted and deferred, at most as the policy says",
    )

    def ruling(self) -> Ruling:
        """Return it as the domain has it. Raises a 400 problem."""
        return Ruling(self.state, printable(self.reason, "reason"), self.until)


class BulkDecision(BaseModel):
    """A decision on all findings that a filter names."""

    model_config = ConfigDict(extra="forbid")

    filter: FindingFilter
    decision: NewDecision
    preview: bool = Field(default=True, description="Only tell what it would be about")
    preview_id: UUID | None = Field(
        default=None, description="Decide on exactly what this preview of the same filter named"
    )


class DecisionView(BaseModel):
    """A decision that was taken."""

    id: UUID
    at: datetime
    by: str
    state: Decision
    reason: str
    until: datetime | None
    matched: int = Field(description="Findings that it is about")
    changed: int = Field(description="Findings for which it changed something")
    by_class: dict[RiskClass, int]
    left_out: int = Field(default=0, description="Meet the filter, too, but only since it was previewed")


class PreviewView(BaseModel):
    """What a decision would be about."""

    preview_id: UUID | None = Field(description="To be given when it is taken, within a day; null where too many")
    matched: int
    by_class: dict[RiskClass, int]
    sample: list[FindingItem] = Field(description="The riskiest of them")
    refusal: str | None = Field(description="Why it could not be taken like this")


class AuditItem(BaseModel):
    """Who did what to which subject, when, and why."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    detail: dict[str, Any]


@router.post("/findings/{finding_id}/decisions", status_code=201, summary="Decide how a finding is treated")
async def decide(finding_id: UUID, new: NewDecision, service: ServiceDep, writer: Writer) -> DecisionView:
    """Record a decision. It holds on every ref and through every import, until it ends or another one is taken."""
    try:
        done = await service.decide.one(writer, finding_id, new.ruling())
    except UnknownFindingError as error:
        raise Problem(
            404,
            "unknown_finding",
            "There is no such finding",
            f"No finding has the id {error.finding_id}; take ids from GET /v1/findings.",
        ) from error
    except BadDecisionError as error:
        raise _refused(error) from error
    return DecisionView(
        id=done.id,
        at=done.at,
        by=writer.name,
        state=new.state,
        reason=new.reason,
        until=new.until,
        matched=done.matched,
        changed=done.changed,
        by_class={RiskClass(name): number for name, number in done.by_class.items()},
    )


@router.post("/decisions", summary="Decide on all findings that a filter names; a preview unless told otherwise")
async def decide_many(bulk: BulkDecision, service: ServiceDep, writer: Writer) -> PreviewView | DecisionView:
    """Take one decision on many findings, all or none; `preview` tells how many and which, and changes nothing."""
    asked = bulk.filter.given()
    if not asked.keys() - {"status"}:
        raise Problem(
            400,
            "empty_filter",
            "The filter names everything",
            "Name at least one of team, asset, class, identifier, scanner, q and so on, as for GET /v1/findings.",
        )
    criteria, ruling = bulk.filter.criteria(), bulk.decision.ruling()
    if bulk.preview:
        seen = await service.decide.preview(writer, criteria, ruling, asked)
        return PreviewView(
            preview_id=seen.id,
            matched=seen.matched,
            by_class={RiskClass(name): number for name, number in seen.by_class.items()},
            sample=[FindingItem.model_validate(dict(row.items())) for row in seen.sample],
            refusal=seen.refusal,
        )
    try:
        done = await service.decide.many(writer, criteria, ruling, asked, bulk.preview_id)
    except BadDecisionError as error:
        raise _refused(error) from error
    except UnknownPreviewError as error:
        raise Problem(
            404,
            "unknown_preview",
            "There is no such preview of this filter",
            "Previews are kept for a day, each for its filter: ask for a new one, and give its preview_id.",
        ) from error
    except OutdatedPreviewError as error:
        raise _outdated(error) from error
    return DecisionView(
        id=done.id,
        at=done.at,
        by=writer.name,
        state=ruling.state,
        reason=ruling.reason,
        until=ruling.until,
        matched=done.matched,
        changed=done.changed,
        left_out=done.left_out,
        by_class={RiskClass(name): number for name, number in done.by_class.items()},
    )


@router.get("/audit", summary="The audit trail, the latest entry first")
async def read_audit(
    service: ServiceDep,
    _: Admin,
    subject: Annotated[str | None, Query(max_length=200, description="For example finding:<id>")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AuditItem]:
    """List who decided what, when and why; entries are never changed."""
    rows, following = await service.read_audit(
        before=_before(cursor), subject=None if subject is None else printable(subject, "subject"), limit=limit
    )
    items = [AuditItem.model_validate({**dict(row.items()), "detail": orjson.loads(row["detail"])}) for row in rows]
    return Page(items=items, next_cursor=None if following is None else encode_cursor(following))


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [int() as entry] if 0 < entry < 2**63:
            return entry
    raise Problem(400, "bad_cursor", "The cursor is of another list", "Leave `cursor` out to begin at the first page.")


def _outdated(error: OutdatedPreviewError) -> Problem:
    return Problem(
        409,
        "outdated_preview",
        "The findings have changed since the preview",
        f"{len(error.gone)} of the findings that were previewed do not meet the filter any more, and {error.added} "
        "others do by now. Nothing was decided: look at a new preview, and give its preview_id.",
        gone=[str(finding_id) for finding_id in error.gone[:_MOST_NAMED]],
        gone_count=len(error.gone),
        added_count=error.added,
    )


def _refused(error: BadDecisionError) -> Problem:
    return Problem(422, "bad_decision", "The decision cannot be taken like this", f"{error}.")
