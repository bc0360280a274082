"""Everything that is decided about a finding, in one place: score, class, owner, tier and deadline."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from sluice_risk_index.domain.asset_evidence import NOTHING_SAID
from sluice_risk_index.domain.catalogue import Asset, Catalogue
from sluice_risk_index.domain.classify import Classifier
from sluice_risk_index.domain.codeowners import Codeowners
from sluice_risk_index.domain.exceptions import AssetExemptions
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.ownership import AssetOwnership, Place
from sluice_risk_index.domain.policy import Policy, RiskClass
from sluice_risk_index.domain.score import Scorer, age_of
from sluice_risk_index.domain.sla import NO_SLA, Deadline, Progress, Schedule, deadline_of, time_allowed
from sluice_risk_index.domain.vex.statements import Statements
from sluice_shared.contracts.events import FindingStatus
from sluice_shared.contracts.finding import Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy and the catalogue in force; ``version`` tells them from every other pair."""

    policy: Policy
    catalogue: Catalogue
    version: str

    def tier_of(self, asset: Asset, team: str) -> str:
        """Return the tier of what the team owns on the asset: the asset's own, else the team's, else the default."""
        known = self.catalogue.teams.get(team)
        tier = asset.tier or (known.tier if known else None)
        return tier if tier in self.policy.tiers else self.policy.default_tier


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to a finding, as far as its deadline asks; ``paused`` is how long its clock stood still."""

    status: FindingStatus
    first_seen_at: datetime
    opened_at: datetime
    resolved_at: datetime | None
    previous: Deadline | None = None
    reached: float = 0.0
    paused: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was decided, each with its reason."""

    score: float
    score_factors: str
    risk_class: RiskClass
    class_reason: str
    team: str
    owner_reason: str
    tier: str
    deadline: Deadline | None
    progress: Progress


class Assessor:
    """Assesses the findings of one asset by the rules in force; what depends on the asset alone is decided once."""

    def __init__(
        self,
        rules: Rules,
        asset: Asset,
        scorer: Scorer,
        schedule: Schedule,
        exemptions: AssetExemptions | None = None,
        codeowners: Codeowners | None = None,
    ) -> None:
        self.statements = NOTHING_SAID
        self._exemptions = exemptions or AssetExemptions((), rules.policy.acceptance)
        self.version = rules.version
        self.clock_restarts = rules.policy.sla.reopen == "restart"
        self._rules = rules
        self._policy = rules.policy
        self._teams = rules.catalogue.teams
        self._asset = asset
        self._scorer = scorer
        self._schedule = schedule
        self._classifier = Classifier(rules.policy.classes, asset)
        self._ownership = AssetOwnership(rules.catalogue, asset, codeowners)
        self._allowed: dict[tuple[RiskClass, str, Kind], timedelta | None] = {}

    def told(self, statements: Statements) -> "Assessor":
        """Return the same, knowing what VEX says of the findings at hand."""
        if not statements.by_identifier:
            return self
        knowing = copy(self)
        knowing.statements = statements
        return knowing

    def excuse(self, finding: Finding, now: datetime) -> str | None:
        """Return the id of what excuses the finding at ``now``: an exception, else VEX that the policy trusts."""
        covering = self._exemptions.covering(finding, now)
        return covering or self.statements.excusing(finding, self._policy.vex)

    def assess(self, facts: Facts, place: Place, course: Course, now: datetime, *, silent: bool = False) -> Assessment:
        """Decide all there is to decide at ``now``.

        When ``silent``, SLA steps that a moved deadline puts into the past count as taken, so that nobody is told of
        them; else the next sweep tells of the last one.
        """
        score = self._scorer.score(
            facts,
            exposure=self._asset.exposure,
            criticality=self._asset.criticality,
            age=age_of(course.first_seen_at, now),
        )
        classified = self._classifier.classify(facts, place.kind, score.value)
        owner = self._ownership.owner(place)
        tier = self._rules.tier_of(self._asset, owner.team)
        deadline = self._deadline(classified.risk_class, tier, place.kind, owner.team, course)
        return Assessment(
            score=score.value,
            score_factors=orjson.dumps([tuple(factor) for factor in score.factors]).decode(),
            risk_class=classified.risk_class,
            class_reason=classified.reason,
            team=owner.team,
            owner_reason=owner.reason,
            tier=tier,
            deadline=deadline,
            progress=self._progress(deadline, course, now, silent=silent),
        )

    def _deadline(self, risk_class: RiskClass, tier: str, kind: Kind, team: str, course: Course) -> Deadline | None:
        key = (risk_class, tier, kind)
        if key not in self._allowed:
            self._allowed[key] = time_allowed(self._policy, risk_class, tier, kind)
        allowed = self._allowed[key]
        if allowed is None:
            return None
        return deadline_of(
            self._policy.sla,
            allowed,
            first_seen_at=course.first_seen_at,
            opened_at=course.opened_at,
            team=self._teams.get(team),
        ).later(course.paused)

    def _progress(self, deadline: Deadline | None, course: Course, now: datetime, *, silent: bool) -> Progress:
        if deadline is None:
            return NO_SLA
        same_clock = course.previous is not None and course.previous.started_at == deadline.started_at
        reached = course.reached if same_clock else 0.0
        if course.status is FindingStatus.RESOLVED:
            return self._schedule.settled(deadline, reached, course.resolved_at or now)
        if silent:
            return self._schedule.advance(deadline, reached if course.previous == deadline else 0.0, now)[0]
        if course.previous == deadline:
            return self._schedule.standing(deadline, reached)
        return self._schedule.moved(deadline, reached, now)
