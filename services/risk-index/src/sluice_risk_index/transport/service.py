"""The use cases as the routes find them: one object on the application's state."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from sluice_risk_index.application.decide import Decide
from sluice_risk_index.application.export_findings import ExportFindings
from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.application.list_assets import ListAssets
from sluice_risk_index.application.list_evidence import ListEvidence
from sluice_risk_index.application.list_exceptions import ListExceptions
from sluice_risk_index.application.list_findings import ListFindings
from sluice_risk_index.application.manage_exceptions import ManageExceptions
from sluice_risk_index.application.measure_groups import MeasureGroups, ReadTrend
from sluice_risk_index.application.measure_portfolio import MeasurePortfolio
from sluice_risk_index.application.plan_policy import PlanPolicy
from sluice_risk_index.application.read_audit import ReadAudit
from sluice_risk_index.application.replay_alerts import ReplayAlerts
from sluice_risk_index.application.show_finding import ShowFinding
from sluice_risk_index.domain.in_force import InForce
from sluice_shared.auth import Principal, Scope, require
from sluice_shared.db import Record
from sluice_shared.errors import Unavailable


@dataclass
class Service:
    """What the routes need. ``started`` is set once the schema is there."""

    list_findings: ListFindings
    export_findings: ExportFindings
    show_finding: ShowFinding
    list_assets: ListAssets
    measure_portfolio: MeasurePortfolio
    measure_groups: MeasureGroups
    read_trend: ReadTrend
    judge_gate: JudgeGate
    replay_alerts: ReplayAlerts
    decide: Decide
    read_audit: ReadAudit
    list_exceptions: ListExceptions
    list_evidence: ListEvidence
    manage_exceptions: ManageExceptions
    feed_editions: Callable[[], Awaitable[list[Record]]]
    plan_policy: PlanPolicy
    propose: Callable[[Mapping[str, str]], Awaitable[InForce]]
    started: bool = False

    async def mark_started(self) -> None:
        """Let requests in."""
        self.started = True


def _service(request: Request) -> Service:
    service = cast("Service", request.app.state.service)
    if not service.started:
        raise Unavailable("database", "risk-index is starting", retry_after=1.0)
    return service


ServiceDep = Annotated[Service, Depends(_service)]
Reader = Annotated[Principal, Depends(require(Scope.READ))]
Writer = Annotated[Principal, Depends(require(Scope.WRITE))]
Admin = Annotated[Principal, Depends(require(Scope.ADMIN))]
