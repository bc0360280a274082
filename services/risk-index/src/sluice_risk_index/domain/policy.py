"""The policy: how risk is scored, classed and timed, and what the gate lets through.

What `deploy/config/policy.yaml` says in YAML is what these models have as defaults, so that without a configuration
folder the same policy holds.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluice_risk_index.domain import defaults
from sluice_risk_index.domain.calendars import STANDARD, CalendarPolicy
from sluice_risk_index.domain.durations import Duration, Span
from sluice_shared.contracts.finding import Confidence, Kind, Severity

Fraction = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=100)]


class RiskClass(StrEnum):
    """What to do about a finding (the outcomes of CISA's SSVC)."""

    TRACK = "track"
    TRACK_STAR = "track_star"
    ATTEND = "attend"
    ACT = "act"


class Exploit(StrEnum):
    """How far exploitation is known to be; in the order of CVSS 4.0's Exploit Maturity."""

    NONE = "none"
    UNKNOWN = "unknown"
    POC = "poc"
    ACTIVE = "active"


class Exposure(StrEnum):
    """Who can reach the asset."""

    ISOLATED = "isolated"
    INTERNAL = "internal"
    UNKNOWN = "unknown"
    PARTNER = "partner"
    INTERNET = "internet"


class Criticality(StrEnum):
    """How much the business loses with the asset."""

    LOW = "low"
    UNKNOWN = "unknown"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Part(BaseModel):
    """A part of a configuration file: a field that nobody knows is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, populate_by_name=True)


class Weights(Part):
    """How many points of the score each factor gives at most."""

    severity: Weight = 40.0
    exploit: Weight = 15.0
    epss: Weight = 10.0
    exposure: Weight = 10.0
    criticality: Weight = 10.0
    verified_secret: Weight = 25.0
    confidence: Weight = 5.0
    fix: Weight = 5.0
    age: Weight = 5.0


class ScorePolicy(Part):
    """The score, 0-100: the sum of weight x value over the factors, each value from 0 to 1."""

    weights: Weights = Weights()
    trusted_sources: tuple[str, ...] = Field(
        default=defaults.TRUSTED_SOURCES,
        description="Whose CVSS counts when several rate in the same CVSS version, best first; others come after them",
    )
    severity: dict[Severity, Fraction] = Field(default=defaults.SEVERITY_VALUES, description="Where no CVSS is known")
    exploit: dict[Exploit, Fraction] = defaults.EXPLOIT_VALUES
    exposure: dict[Exposure, Fraction] = defaults.EXPOSURE_VALUES
    criticality: dict[Criticality, Fraction] = defaults.CRITICALITY_VALUES
    confidence: dict[Confidence, Fraction] = defaults.CONFIDENCE_VALUES
    age: tuple[Duration, ...] = Field(
        default=defaults.AGE_STEPS, description="At each of these ages the factor grows by an equal step, up to 1"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name, enum in _VALUE_TABLES.items():
            missing = [member.value for member in enum if member not in getattr(self, name)]
            if missing:
                raise ValueError(f"score.{name} has no value for {', '.join(missing)}: add one from 0 to 1 for each")
        if list(self.age) != sorted(self.age):
            raise ValueError("score.age must grow from step to step, such as [30d, 90d, 180d]")
        return self


_VALUE_TABLES: dict[str, type[StrEnum]] = {
    "severity": Severity,
    "exploit": Exploit,
    "exposure": Exposure,
    "criticality": Criticality,
    "confidence": Confidence,
}


class Condition(Part):
    """What a finding must be for a row of the table to match; what is left out does not matter."""

    severity: frozenset[Severity] | None = None
    exploit: frozenset[Exploit] | None = None
    exposure: frozenset[Exposure] | None = None
    criticality: frozenset[Criticality] | None = None
    kind: frozenset[Kind] | None = None
    environment: frozenset[str] | None = None
    data_class: frozenset[str] | None = None
    tag: frozenset[str] | None = Field(default=None, description="The asset has at least one of these tags")
    verified_secret: bool | None = None
    fix_available: bool | None = None
    min_epss: Fraction | None = None
    min_score: Annotated[float, Field(ge=0, le=100)] | None = None


class ClassRow(Part):
    """A row of the decision table."""

    risk_class: RiskClass = Field(alias="class")
    when: Condition = Condition()
    because: str = Field(min_length=1, max_length=300)


class Requirement(Part):
    """A time within which findings of a class must be gone.

    Universal when it binds every tier; progressive when it binds from a tier on. Of all that bind a finding, the
    one that is over first counts.
    """

    risk_class: RiskClass = Field(alias="class")
    within: Span = Field(description="Such as 48h or 7d; 5bd are business days of the team's calendar")
    from_tier: str | None = Field(default=None, description="The lowest tier that it binds; all when left out")
    kinds: frozenset[Kind] | None = Field(default=None, description="Only findings of these kinds; all when left out")


class Escalation(Part):
    """A step after the breach: who hears of it at which multiple of the time allowed."""

    at: float = Field(gt=1, le=100)
    to: str = Field(min_length=1, max_length=100)


class PausePolicy(Part):
    """When the clock stands still, besides accepted, deferred and excepted findings and false positives."""

    mitigated: bool = Field(default=True, description="While something else stands in the problem's way")
    no_fix: frozenset[RiskClass] = Field(
        default=frozenset(),
        description="Classes whose findings in packages wait for the vendor while no fixed version is known",
    )


class SlaPolicy(Part):
    """Deadlines: what is due when, and who is told on the way."""

    requirements: tuple[Requirement, ...] = Field(
        default_factory=lambda: tuple(Requirement.model_validate(row) for row in defaults.REQUIREMENTS)
    )
    warn: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        default=(0.5, 0.8), description="Fractions of the time allowed at which the owner is warned"
    )
    escalate: tuple[Escalation, ...] = (
        Escalation(at=1.25, to="team-lead"),
        Escalation(at=2.0, to="head-of-security"),
    )
    reopen: Literal["restart", "continue"] = Field(
        default="restart",
        description="Whether a finding that comes back gets the whole time again, or is due as if it had never gone",
    )
    pause: PausePolicy = PausePolicy()
    baseline: Span = Field(
        default=defaults.BASELINE,
        description="Least time for what was already there when its team was onboarded, counted from that day",
    )
    burn_down: dict[RiskClass, Span] = Field(
        default_factory=dict,
        description="The same by class, where it is another; a team's own dates (`burn_down`) count before both",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if list(self.warn) != sorted(set(self.warn)):
            raise ValueError("sla.warn must grow from step to step, such as [0.5, 0.8]")
        steps = [step.at for step in self.escalate]
        if steps != sorted(set(steps)):
            raise ValueError("sla.escalate must grow from step to step")
        return self


class Counted(StrEnum):
    """Which findings the gate judges."""

    NEW = "new"
    TOTAL = "total"


class ScanRules(Part):
    """Which scans of a ref the gate wants to see; a practice is a kind of problem, such as sast."""

    max_age: Duration = Field(default=defaults.SCAN_MAX_AGE, description="The oldest that the last scan may be")
    practices: dict[Kind, Duration] = Field(
        default=defaults.SCAN_PRACTICES, description="The same for single practices that are scanned more rarely"
    )
    required: frozenset[Kind] = Field(
        default=frozenset(), description="Practices without a scan of which nothing passes"
    )

    def oldest(self, practice: Kind | None) -> timedelta:
        """Return how old a practice's last scan may be; None is a scan that did not say for what."""
        return self.practices.get(practice, self.max_age) if practice else self.max_age


class Thresholds(Part):
    """Findings of which severity stop a change, and which only warn. A secret always stops it."""

    fail: frozenset[Severity] = frozenset({Severity.CRITICAL, Severity.HIGH})
    warn: frozenset[Severity] = frozenset({Severity.MEDIUM, Severity.UNKNOWN})
    count: Counted | None = Field(default=None, description="Where it is not the gate's")
    scans: ScanRules | None = Field(default=None, description="Where they are not the gate's")


class GatePolicy(Part):
    """The gate for changes."""

    base: str = Field(default="main", min_length=1, description="The ref that a change is compared with")
    count: Counted = Field(
        default=Counted.NEW, description="new: what the ref has and its base has not; total: all that the ref has"
    )
    scans: ScanRules = ScanRules()
    default: Thresholds = Thresholds()
    tiers: dict[str, Thresholds] = Field(
        default_factory=lambda: {name: Thresholds.model_validate(row) for name, row in defaults.GATE_TIERS.items()}
    )

    def thresholds(self, tier: str) -> Thresholds:
        """Return what holds for assets of this tier."""
        return self.tiers.get(tier, self.default)

    def counted(self, tier: str) -> Counted:
        """Return which findings are judged on assets of this tier."""
        return self.thresholds(tier).count or self.count

    def scan_rules(self, tier: str) -> ScanRules:
        """Return which scans an asset of this tier must have."""
        return self.thresholds(tier).scans or self.scans


class AlertPolicy(Part):
    """What is worth an alert besides the deadlines."""

    opened: frozenset[RiskClass] = Field(
        default=frozenset({RiskClass.ACT}), description="Classes whose openings and re-openings are alerted"
    )


class AcceptancePolicy(Part):
    """How long a risk may be lived with: decisions `accepted` and `deferred`, and exceptions."""

    maximum: dict[RiskClass, Duration] = Field(
        default=defaults.ACCEPTANCE, description="The longest time, by class of the finding"
    )
    controls: frozenset[RiskClass] = Field(
        default=frozenset({RiskClass.ACT, RiskClass.ATTEND}),
        description="Classes whose exceptions must name compensating controls",
    )
    review: Duration = Field(
        default=defaults.REVIEW, description="How long after its review day an exception is due for the next one"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [risk_class.value for risk_class in RiskClass if risk_class not in self.maximum]
        if missing:
            raise ValueError(f"acceptance.maximum has no time for {', '.join(missing)}: add one for each class")
        return self


class VexPolicy(Part):
    """Whose `not_affected` counts as an exception; whoever may push for an asset can write any author's name."""

    trusted_authors: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=(), description="Globs over the authors of VEX documents; nobody is trusted when left out"
    )
    trusted_sources: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=("*",), description="Globs over who pushed the document: token:ci-shop, webhook:github/acme"
    )


class IndexPolicy(Part):
    """How the risk-weighted index adds up: for each open finding, weight of its class x score / 100."""

    weights: dict[RiskClass, Annotated[float, Field(ge=0)]] = defaults.INDEX_WEIGHTS


class Policy(Part):
    """All of `policy.yaml`."""

    version: str = Field(default="built-in", description="Yours to choose; shown beside what was decided by it")
    tiers: tuple[str, ...] = Field(default=defaults.TIERS, min_length=1, description="Maturity tiers, lowest first")
    default_tier: str = Field(default=defaults.DEFAULT_TIER, description="Tier of whoever the catalogue gives none")
    score: ScorePolicy = ScorePolicy()
    classes: tuple[ClassRow, ...] = Field(
        default_factory=lambda: tuple(ClassRow.model_validate(row) for row in defaults.CLASSES),
        min_length=1,
        description="The decision table; the first row that matches decides",
    )
    sla: SlaPolicy = SlaPolicy()
    gate: GatePolicy = GatePolicy()
    alerts: AlertPolicy = AlertPolicy()
    acceptance: AcceptancePolicy = AcceptancePolicy()
    vex: VexPolicy = VexPolicy()
    index: IndexPolicy = IndexPolicy()
    calendars: dict[str, CalendarPolicy] = Field(
        default_factory=dict, description="By name; teams name theirs in the catalogue"
    )
    default_calendar: str | None = Field(
        default=None, description="Of teams that name none; Monday to Friday in UTC when left out"
    )

    def calendar(self, name: str | None) -> CalendarPolicy:
        """Return the calendar with this name, else the default one."""
        return self.calendars.get(name or "") or self.calendars.get(self.default_calendar or "") or STANDARD

    def tier_rank(self, tier: str) -> int:
        """Place of the tier, 0 the lowest; an unknown tier counts as the default one."""
        return self.tiers.index(tier if tier in self.tiers else self.default_tier)
