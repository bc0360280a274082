"""What findings may be asked for by; the same in a query as in the body of a bulk decision."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sluice_risk_index.domain.criteria import Criteria
from sluice_risk_index.domain.describe import query_terms
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.sla import SlaState
from sluice_risk_index.domain.triage import Decision
from sluice_risk_index.transport.parameters import known, printable, several
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind, Severity


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Values = Annotated[list[str], BeforeValidator(_as_list), Field(default_factory=list, max_length=200)]
"""Alternatives: a list, or a text with commas."""


class FindingFilter(BaseModel):
    """The parameters of `GET /v1/findings`, by the same names."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    severity: Values
    risk_class: Values = Field(alias="class", default_factory=list)
    kind: Values
    team: Values
    tier: Values
    asset: Values
    ref: Values
    status: Values
    sla: Values
    decision: Values
    scanner: Values
    identifier: Values
    q: str = Field(default="", max_length=200)

    def criteria(self) -> Criteria:
        """Return what is asked for; open findings where no status is named. Raises a 400 problem."""
        return Criteria(
            statuses=known(self.status, "status", FindingStatus) or [FindingStatus.OPEN.value],
            severities=known(self.severity, "severity", Severity),
            classes=known(self.risk_class, "class", RiskClass),
            kinds=known(self.kind, "kind", Kind),
            sla_states=known(self.sla, "sla", SlaState),
            tiers=several(self.tier, "tier"),
            decisions=known(self.decision, "decision", Decision),
            scanners=several(self.scanner, "scanner"),
            teams=several(self.team, "team"),
            asset_keys=several(self.asset, "asset"),
            refs=several(self.ref, "ref"),
            identifiers=several(self.identifier, "identifier"),
            words=query_terms(printable(self.q, "q")),
        )

    def given(self) -> dict[str, object]:
        """Return the parameters that ask for something."""
        return {name: value for name, value in self.model_dump(by_alias=True).items() if value}
