"""`/v1/gate`: whether a change may go in."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from sluice_risk_index.application.judge_gate import EXPORTED, SHOWN, GateReport
from sluice_risk_index.domain.gate import Verdict
from sluice_risk_index.domain.policy import Counted, RiskClass
from sluice_risk_index.domain.scans import Practice, PracticeState
from sluice_risk_index.domain.triage import Decision
from sluice_risk_index.errors import UnknownAssetError
from sluice_risk_index.transport.exports import wants_sarif
from sluice_risk_index.transport.gate_markdown import MEDIA_TYPE, as_markdown
from sluice_risk_index.transport.parameters import printable
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.contracts import sarif_export
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.http import Problem

router = APIRouter(prefix="/v1/gate", tags=["gate"])
_VARY = {"vary": "accept"}


class GateFinding(BaseModel):
    """A finding that is judged: one that the ref has and its base has not, or any that the ref has."""

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
    is_new: bool = Field(description="The base does not have it")


class GateScan(BaseModel):
    """The last successful scan of the ref for one practice, and how old it may be."""

    practice: Kind | None = Field(description="The kind of problem that is looked for; null where no scanner said")
    state: PracticeState
    scanner: str | None
    scanned_at: datetime | None
    commit: str | None
    age_seconds: int | None
    max_age_seconds: int


class GateView(BaseModel):
    """The verdict: `pass`, `warn`, `fail`, or neither, because a scan of the ref is `stale` or `missing`."""

    asset: str
    ref: str
    base: str
    tier: str
    verdict: Verdict
    count: Counted = Field(description="Whether only new findings are judged, or all that the ref has")
    reasons: list[str]
    counts: dict[Severity, int] = Field(description="Judged findings by severity")
    new: list[GateFinding] = Field(
        description=f"The judged findings: secrets first, then the worst; {SHOWN} at most. With `count=total` some may "
        "not be new: `is_new` tells"
    )
    excused: dict[Decision, int] = Field(description="Would be judged, but let be by a decision or an exception")
    scans: list[GateScan] = Field(description="Practices that were scanned on the ref, or that the policy requires")
    policy_version: str


@router.get(
    "",
    summary="Whether a change may go in",
    response_model=GateView,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}, sarif_export.MEDIA_TYPE: {}}},
    },
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
    count: Annotated[
        Counted | None, Query(description="Judge what is new, or the total of the ref; the policy says else")
    ] = None,
    form: Annotated[
        Literal["json", "markdown", "sarif"] | None,
        Query(alias="format", description="Instead of the Accept header: json, markdown, or sarif of what is judged"),
    ] = None,
    accept: Annotated[str, Header()] = "",
) -> GateView | Response:
    """Judge what `ref` adds to `base`, by the thresholds of the asset's tier; as Markdown or SARIF when asked for."""
    for name, text in (("asset", asset), ("ref", ref), ("base", base or "")):
        printable(text, name)
    form = form or _form(accept)
    asked: dict[str, Any] = {"asset": asset, "ref": ref, "base": base, "count": count}
    try:
        if form == "sarif":
            report, found = await service.judge_gate.export(reader, **asked)
            log = sarif_export.sarif_log(found, properties={"sluice": _run(report)})
            return Response(orjson.dumps(log), media_type=sarif_export.MEDIA_TYPE, headers=_VARY)
        report = await service.judge_gate(reader, **asked)
    except UnknownAssetError as error:
        raise Problem(
            404,
            "unknown_asset",
            "The asset is not known",
            f"No scan of '{error.key}' has been indexed; push a report of it, and look at the spelling of its key.",
        ) from error
    if form == "markdown":
        return PlainTextResponse(as_markdown(report), media_type=MEDIA_TYPE, headers=_VARY)
    return _view(report)


def _form(accept: str) -> Literal["json", "markdown", "sarif"]:
    if wants_sarif(accept):
        return "sarif"
    return "markdown" if MEDIA_TYPE in accept.lower() else "json"


def _view(report: GateReport) -> GateView:
    return GateView(
        asset=report.asset,
        ref=report.ref,
        base=report.base,
        tier=report.tier,
        verdict=report.answer.verdict,
        count=report.counted,
        reasons=list(report.answer.reasons),
        counts=report.answer.counts,
        new=[GateFinding.model_validate(dict(finding.items())) for finding in report.findings],
        excused={Decision(name): number for name, number in report.excused.items()},
        scans=[_scan(practice, report.at) for practice in report.practices],
        policy_version=report.policy_version,
    )


def _scan(practice: Practice, now: datetime) -> GateScan:
    scan = practice.scan
    return GateScan(
        practice=practice.kind,
        state=practice.state,
        scanner=scan.scanner if scan else None,
        scanned_at=scan.at if scan else None,
        commit=scan.commit if scan else None,
        age_seconds=max(int((now - scan.at).total_seconds()), 0) if scan else None,
        max_age_seconds=int(practice.oldest.total_seconds()),
    )


def _run(report: GateReport) -> dict[str, Any]:
    """Return what a log says of the verdict that it goes with."""
    shown, judged = len(report.findings), sum(report.answer.counts.values())
    cut = {"leftOut": judged - shown} if shown == EXPORTED < judged else {}
    return {
        "verdict": report.answer.verdict,
        "reasons": list(report.answer.reasons),
        "asset": report.asset,
        "ref": report.ref,
        "base": report.base,
        "policyVersion": report.policy_version,
        **cut,
    }
