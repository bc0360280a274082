"""`/v1/findings`: lists of findings, and everything about one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import Decision
from sluice_risk_index.domain.vex.statements import Analysis, VexStatus
from sluice_risk_index.errors import UnknownFindingError
from sluice_risk_index.storage.details import FindingPage
from sluice_risk_index.transport.exports import Accept, ocsf_response, sarif_response, wants_sarif
from sluice_risk_index.transport.filters import FindingFilter
from sluice_risk_index.transport.parameters import (
    Cursor,
    Limit,
    read_cursor,
    read_sort,
    write_cursor,
)
from sluice_risk_index.transport.service import Reader, ServiceDep
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.contracts.sarif_export import MEDIA_TYPE
from sluice_shared.db import Record
from sluice_shared.http import Page, Problem

router = APIRouter(prefix="/v1/findings", tags=["findings"])


class FindingItem(BaseModel):
    """A finding as lists show it. Times are UTC; the score is 0-100."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    asset: str
    title: str
    kind: Kind
    severity: Severity
    risk_class: RiskClass = Field(alias="class", description="What to do about it: track, track_star, attend, act")
    score: float
    status: FindingStatus
    team: str = Field(description="Its owner; `triage` when nobody owns it")
    tier: str
    scanners: list[str]
    rule_id: str
    identifiers: list[str]
    cwes: list[int]
    package: str | None
    location: str | None = Field(description="In one line: path:line, package@version, URL")
    fix_action: str | None
    refs: list[str] = Field(description="Refs on which it is present now")
    first_seen_at: datetime
    opened_at: datetime = Field(description="Start of the present or the last time it was open")
    resolved_at: datetime | None
    sla_state: SlaState
    due_at: datetime | None = Field(description="Null where no SLA binds; while paused, as it stood at the pause")
    decision: Decision = Field(description="How it is treated: open, confirmed, accepted, ..., excepted")
    decided_until: datetime | None = Field(description="When a person's decision ends by itself")
    exception_id: str | None = Field(description="The exception that covers it; vex:… for a VEX document")
    known_exploited: bool = Field(description="CISA's KEV has one of its CVEs")


class ScoreFactor(BaseModel):
    """A factor's part in the score: contribution = weight x value; they add up to the score before it is clamped."""

    name: str
    value: float = Field(description="0-1")
    source: str
    weight: float = Field(description="Points at most")
    contribution: float


class HistoryItem(BaseModel):
    """A line of the history."""

    at: datetime
    event: str
    was: str | None
    now: str | None


class AlertItem(BaseModel):
    """An alert that was raised; settled once notifier has it."""

    id: UUID
    level: str
    step: int
    clock: int
    team: str
    raised_at: datetime
    published_at: datetime | None
    settled_at: datetime | None


class DecisionItem(BaseModel):
    """A decision that was taken; the last one counts. Decisions taken together have one id."""

    id: UUID
    state: Decision
    reason: str
    until: datetime | None
    by: str = Field(description="Name of the token; `sluice` where a decision's time was over")
    at: datetime


class SlaView(BaseModel):
    """The deadline: its clock, its state, and the next step on the way."""

    state: SlaState
    started_at: datetime | None
    due_at: datetime | None
    clock: int = Field(description="Counts the clocks of this finding; a re-opening starts another")
    reached: float = Field(description="Multiple of the time allowed at which the last step was taken")
    paused_at: datetime | None = Field(description="Since when the clock stands still")
    paused_seconds: float = Field(description="How long it stood still before; the deadline moved by as much")
    next_step_at: datetime | None


class AnalysisItem(BaseModel):
    """What a VEX document says of the finding; the newest that is trusted counts."""

    status: VexStatus
    justification: str | None
    statement: str | None
    author: str | None
    source: str | None = Field(description="Who pushed the document")
    document: str
    identifier: str = Field(description="The name of the vulnerability by which it is about this finding")
    stated_at: datetime
    trusted: bool = Field(description="The policy trusts its author and whoever pushed it")
    counts: bool = Field(description="It is what counts; with not_affected the finding is excused like by an exception")


class FindingView(FindingItem):
    """Everything about a finding; observations are in the form of the finding schema."""

    version: int
    class_reason: str
    owner_reason: str
    policy_version: str
    path: str | None
    purl: str | None
    published_at: datetime | None = Field(description="When the vulnerability became public, where known")
    last_scan_at: datetime | None = Field(description="Last scan that covers it; while it is open, it was seen then")
    score_factors: list[ScoreFactor]
    sla: SlaView
    keys: dict[str, str] = Field(description="Identity keys by which it is recognised: algorithm/version to hash")
    history: list[HistoryItem]
    alerts: list[AlertItem]
    decisions: list[DecisionItem] = Field(description="What people decided about it, the oldest first")
    analysis: list[AnalysisItem] = Field(description="What VEX says of it, the newest first")
    observations: list[dict[str, Any]]


@router.get(
    "",
    summary="List findings, the riskiest first",
    response_model=Page[FindingItem],
    responses={200: {"content": {MEDIA_TYPE: {}}}},
)
async def list_findings(
    *,
    request: Request,
    service: ServiceDep,
    reader: Reader,
    severity: Annotated[list[str], Query(description="critical, high, medium, low, info, unknown")] = [],  # noqa: B006
    risk_class: Annotated[list[str], Query(alias="class", description="act, attend, track_star, track")] = [],  # noqa: B006
    kind: Annotated[list[str], Query(description="sast, sca, secret, ...")] = [],  # noqa: B006
    team: Annotated[list[str], Query(description="Owners")] = [],  # noqa: B006
    tier: Annotated[list[str], Query(description="Maturity tiers")] = [],  # noqa: B006
    asset: Annotated[list[str], Query(description="Asset keys")] = [],  # noqa: B006
    ref: Annotated[list[str], Query(description="Refs on which it is present")] = [],  # noqa: B006
    status: Annotated[list[str], Query(description="open (when left out), resolved, or both")] = [],  # noqa: B006
    sla: Annotated[list[str], Query(description="none, ok, at_risk, breached, met, paused")] = [],  # noqa: B006
    decision: Annotated[list[str], Query(description="open, confirmed, accepted, false_positive, ...")] = [],  # noqa: B006
    scanner: Annotated[list[str], Query(description="Scanners that see it")] = [],  # noqa: B006
    identifier: Annotated[list[str], Query(description="CVE-2021-44228, GHSA-..., CWE-79, ...")] = [],  # noqa: B006
    q: Annotated[str, Query(max_length=200, description="Words that begin words of title, rule, package or path")] = "",
    sort: Annotated[str, Query(description="-score, due, first_seen; '-' for falling order")] = "-score",
    limit: Limit = 100,
    cursor: Cursor = None,
    accept: Accept = "*/*",
) -> Page[FindingItem] | Response:
    """List findings. A filter may be repeated or separated by commas; its values are alternatives."""
    order = read_sort(sort)
    wanted = FindingFilter(
        severity=severity,
        risk_class=risk_class,
        kind=kind,
        team=team,
        tier=tier,
        asset=asset,
        ref=ref,
        status=status,
        sla=sla,
        decision=decision,
        scanner=scanner,
        identifier=identifier,
        q=q,
    )
    criteria = wanted.criteria()
    if wants_sarif(accept):
        found, after = await service.export_findings(reader, criteria, order, read_cursor(cursor, order), limit)
        return sarif_response(request, found, write_cursor(after, order))
    rows, after = await service.list_findings(reader, criteria, order, read_cursor(cursor, order), limit)
    return Page(items=[_item(row) for row in rows], next_cursor=write_cursor(after, order))


@router.get("/{finding_id}", summary="Everything about a finding", response_model=FindingView)
async def show_finding(
    finding_id: UUID,
    service: ServiceDep,
    reader: Reader,
    form: Annotated[
        Literal["sluice", "ocsf"], Query(alias="format", description="`ocsf` gives an OCSF event of the fitting class")
    ] = "sluice",
) -> FindingView | Response:
    """Return the finding with the reasons for all that was decided, its history and its observations."""
    try:
        page, analysis = await service.show_finding(reader, finding_id)
    except UnknownFindingError as error:
        raise Problem(
            404,
            "unknown_finding",
            "There is no such finding",
            f"No finding has the id {error.finding_id}; take ids from GET /v1/findings.",
        ) from error
    return ocsf_response(page) if form == "ocsf" else _view(page, analysis)


def _item(row: Record) -> FindingItem:
    return FindingItem.model_validate(dict(row.items()))


def _view(page: FindingPage, analysis: list[Analysis]) -> FindingView:
    row = page.finding
    factors = [ScoreFactor(**dict(zip(_FACTOR, factor, strict=True))) for factor in orjson.loads(row["score_factors"])]
    sla = SlaView(
        state=row["sla_state"],
        started_at=row["sla_started_at"],
        due_at=row["due_at"],
        clock=row["clock"],
        reached=row["timer_reached"],
        paused_at=row["paused_at"],
        paused_seconds=row["paused_for"].total_seconds(),
        next_step_at=row["next_timer_at"],
    )
    return FindingView.model_validate(
        {
            **dict(row.items()),
            "score_factors": factors,
            "sla": sla,
            "keys": page.keys,
            "history": [HistoryItem.model_validate(dict(entry.items())) for entry in page.history],
            "alerts": [AlertItem.model_validate(dict(alert.items())) for alert in page.alerts],
            "decisions": [
                DecisionItem(
                    id=d["id"],
                    state=d["state"],
                    reason=d["reason"],
                    until=d["until"],
                    by=d["decided_by"],
                    at=d["decided_at"],
                )
                for d in page.decisions
            ],
            "analysis": [_analysis(each) for each in analysis],
            "observations": page.observations,
        }
    )


def _analysis(each: Analysis) -> AnalysisItem:
    said = each.statement
    return AnalysisItem(
        status=said.status,
        justification=said.justification,
        statement=said.statement,
        author=said.author,
        source=said.source,
        document=said.document,
        identifier=said.identifier,
        stated_at=said.stated_at,
        trusted=each.trusted,
        counts=each.counts,
    )


_FACTOR = tuple(ScoreFactor.model_fields)
