"""`/v1/gate`: whether a change may go in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from sluice_risk_index.application.judge_gate import GateReport
from sluice_risk_index.domain.gate import Verdict
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.triage import Decision
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.transport.gate_markdown import MEDIA_TYPE, as_markdown
from sluice_risk_index.transport.parameters import printable
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.http import Problem

router = APIRouter(prefix="/v1/gate", tags=["gate"])


class GateFinding(BaseModel):
    """A finding that the ref has and its base has not."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    title: str
    kind: Kind
    severity: Severity
    risk_class: RiskClass = Field(alias="class")
    score: float
    team: str
    rule_id: str
    location: str | None
    package: str | None
    fix_action: str | None
    due_at: datetime | None


class GateView(BaseModel):
    """The verdict: `pass`, `warn`, `fail`, or `unknown` when the ref has never been scanned."""

    asset: str
    ref: str
    base: str
    tier: str
    verdict: Verdict
    reasons: list[str]
    counts: dict[Severity, int] = Field(description="New findings by severity")
    new: list[GateFinding] = Field(description="Findings on the ref that its base does not have, worst first")
    excused: dict[Decision, int] = Field(description="New, but let be by a decision or an exception")
    policy_version: str


@router.get(
    "",
    summary="Whether a change may go in",
    response_model=GateView,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def judge_gate(
    *,
    service: ServiceDep,
    reader: Reader,
    asset: Annotated[str, Query(min_length=1, max_length=512, description="Asset key")],
    ref: Annotated[str, Query(min_length=1, max_length=512, description="Branch, tag or environment of the change")],
    base: Annotated[
        str | None, Query(min_length=1, max_length=512, description="What it is compared with; the policy says else")
    ] = None,
    accept: Annotated[str, Header()] = "",
) -> GateView | Response:
    """Judge what `ref` adds to `base`, by the thresholds of the asset's tier; as Markdown when Accept asks for it."""
    for name, text in (("asset", asset), ("ref", ref), ("base", base or "")):
        printable(text, name)
    try:
        report = await service.judge_gate(reader, asset=asset, ref=ref, base=base)
    except UnknownAssetError as error:
        raise Problem(
            404,
            "unknown_asset",
            "The asset is not known",
            f"No scan of '{error.key}' has been indexed; push a report of it, and look at the spelling of its key.",
        ) from error
    if MEDIA_TYPE in accept.lower():
        return PlainTextResponse(as_markdown(report), media_type=MEDIA_TYPE)
    return _view(report)


def _view(report: GateReport) -> GateView:
    return GateView(
        asset=report.asset,
        ref=report.ref,
        base=report.base,
        tier=report.tier,
        verdict=report.answer.verdict,
        reasons=list(report.answer.reasons),
        counts=report.answer.counts,
        new=[GateFinding.model_validate(dict(finding.items())) for finding in report.findings],
        excused={Decision(name): number for name, number in report.excused.items()},
        policy_version=report.policy_version,
    )
