"""What is decided about the findings of an asset, by the rules in force: score, class, owner, tier and deadline."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from sluice_risk_index.domain.asset_evidence import NOTHING_SAID
from sluice_risk_index.domain.calendars import WorkCalendar, work_calendar
from sluice_risk_index.domain.catalogue import Asset, Catalogue
from sluice_risk_index.domain.classify import Classified, Classifier
from sluice_risk_index.domain.codeowners import Codeowners
from sluice_risk_index.domain.exceptions import AssetExemptions
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.ownership import AssetOwnership, Owner, Place
from sluice_risk_index.domain.policy import Policy, RiskClass
from sluice_risk_index.domain.score import Score, Scorer, Share
from sluice_risk_index.domain.sla import NO_SLA, Clock, Deadline, Progress, Schedule, Terms, time_allowed
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

    def calendar_of(self, team: str) -> WorkCalendar:
        """Return the calendar that the team names, else the policy's default one."""
        known = self.catalogue.teams.get(team)
        return work_calendar(self.policy.calendar(known.calendar if known else None))


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
class Rated:
    """A score and a class, each with its reasons."""

    score: Score
    classified: Classified


@dataclass(frozen=True, slots=True)
class Owned:
    """Who has to deal with a finding, why, and by which tier."""

    owner: Owner
    tier: str


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
        self.pause = rules.policy.sla.pause
        self.clock_restarts = rules.policy.sla.reopen == "restart"
        self._rules = rules
        self._policy = rules.policy
        self._teams = rules.catalogue.teams
        self._asset = asset
        self._scorer = scorer
        self._schedule = schedule
        self.classifier = Classifier(rules.policy.classes, asset)
        self._ownership = AssetOwnership(rules.catalogue, asset, codeowners)
        self.asks_place = self._ownership.asks_place
        self._tiers: dict[str, str] = {}
        self._terms: dict[tuple[RiskClass, str, Kind, str], Terms] = {}

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

    @property
    def profile(self) -> tuple[object, ...]:
        """What score and class depend on besides the findings: the same for all assets of one sort."""
        asset = self._asset
        return asset.exposure, asset.criticality, asset.environment, asset.data_class, asset.tags

    def rate(self, facts: Facts, kind: Kind, age: timedelta) -> Rated:
        """Decide score and class of a finding that is known for ``age``."""
        asset = self._asset
        score = self._scorer.score(
            self._scorer.share(facts), exposure=asset.exposure, criticality=asset.criticality, age=age
        )
        return Rated(score, self.classifier.classify(facts, kind, score.value))

    def rate_briefly(self, facts: Facts, share: Share, kind: Kind, age: timedelta) -> tuple[float, Classified]:
        """Decide as :meth:`rate` does, with the facts' share in the score at hand and without writing the factors."""
        asset = self._asset
        score = self._scorer.value(share, exposure=asset.exposure, criticality=asset.criticality, age=age)
        return score, self.classifier.classify(facts, kind, score)

    def own(self, place: Place) -> Owned:
        """Decide whose the finding at ``place`` is."""
        owner = self._ownership.owner(place)
        return Owned(owner, self.tier_of(owner.team))

    def tier_of(self, team: str) -> str:
        """Return the tier of what the team owns on the asset."""
        tier = self._tiers.get(team)
        if tier is None:
            tier = self._tiers[team] = self._rules.tier_of(self._asset, team)
        return tier

    def owes(self, risk_class: RiskClass, tier: str, kind: Kind, team: str) -> Terms:
        """Return by which terms a team has to be rid of such findings."""
        key = (risk_class, tier, kind, team)
        terms = self._terms.get(key)
        if terms is None:
            allowed = time_allowed(self._policy, risk_class, tier, kind)
            known = self._teams.get(team)
            terms = Terms.of(self._policy.sla, risk_class, allowed, known, self._rules.calendar_of(team))
            self._terms[key] = terms
        return terms

    def time(
        self, risk_class: RiskClass, tier: str, kind: Kind, team: str, course: Course, now: datetime, *, silent: bool
    ) -> tuple[Deadline | None, Progress]:
        """Decide by when it has to be gone, and where it stands towards that at ``now``.

        When ``silent``, SLA steps that a moved deadline puts into the past count as taken, so that nobody is told of
        them; else the next sweep tells of the last one.
        """
        clock = Clock(course.first_seen_at, course.opened_at, course.paused)
        deadline = self.owes(risk_class, tier, kind, team).deadline(clock)
        return deadline, self._progress(deadline, course, now, silent=silent)

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
