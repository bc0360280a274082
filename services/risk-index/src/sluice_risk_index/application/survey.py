"""Go over open findings by other rules, deciding once about all that stand alike."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from sluice_risk_index.domain.assess import Assessor
from sluice_risk_index.domain.asset_evidence import NO_EVIDENCE, AssetEvidence
from sluice_risk_index.domain.change import Band, band_of
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.finding import Finding, twin
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.judge import set_clock
from sluice_risk_index.domain.ownership import Place
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.score import Share, age_of
from sluice_risk_index.domain.vex.statements import EXCUSE
from sluice_risk_index.storage import feeds, planning
from sluice_shared.contracts.finding import Kind, Severity
from sluice_shared.db import Record, Tx

T = TypeVar("T")
_MOST_KEPT = 300_000
_NUMBER = re.compile(r"^(row|rule) \d+")
_SAME_BAND = (Band.NONE, Band.NONE)


class _Said(NamedTuple):
    """What is known of a finding: its facts as the feeds have them, their share in a score, and whether KEV has it."""

    facts: Facts
    share: Share
    exploited: bool


class _Read(NamedTuple):
    """What a finding's rate says: its score now, what is known of it, and whether what KEV says of it is new."""

    score: float
    said: _Said
    news: bool


class Rate(NamedTuple):
    """What would be decided about a finding's risk, as far as more follows from it."""

    risk_class: RiskClass
    class_reason: str
    bands: tuple[Band, Band]
    rescored: bool
    fix_available: bool


class Ownership(NamedTuple):
    """Whose a finding would be, why, and by which tier."""

    team: str
    reason: str
    tier: str


_standing = attrgetter(
    "risk_class", "team", "tier", "sla_state", "sla_started_at", "due_at", "timer_reached", "next_timer_at",
    "decision", "exception_id", "paused_at", "paused_for",
)  # fmt: skip


class Outcome(NamedTuple):
    """What becomes of findings that stand alike; of ``before`` and ``after`` only clock, class and owner are filled."""

    before: Finding
    after: Finding
    rate: Rate
    positions: Sequence[int]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing changes at all."""
        return self.after is self.before and not self.rate.rescored

    @property
    def decided_anew(self) -> bool:
        """Whether more changes than the reasons."""
        if self.after is self.before:
            return self.rate.rescored
        return self.rate.rescored or _standing(self.after) != _standing(self.before)

    @property
    def reasoned_anew(self) -> bool:
        """Whether the reasons change by more than a number.

        That a row has moved in its table is no reason to write every finding: beside the reason stands the version of
        the rules by whose numbers it goes.
        """
        before, after = self.before, self.after
        was, now = (before.class_reason, before.owner_reason), (after.class_reason, after.owner_reason)
        return was != now and [*map(_unnumbered, was)] != [*map(_unnumbered, now)]


@lru_cache(maxsize=4096)
def _unnumbered(reason: str) -> str:
    return _NUMBER.sub("", reason)


class Survey:
    """Decides by the functions that decide about single findings; what is the same for many is decided once and kept.

    When the findings are known to stand as the rules ``present`` have them, what these and the new rules decide alike
    need not be decided again.
    """

    def __init__(self, in_force: InForce, present: InForce | None = None) -> None:
        self._rules = in_force
        self._keys: dict[UUID, str] = {}
        self._evidence: Mapping[UUID, AssetEvidence] = {}
        self._present = present
        self._same_owners = present is not None and present.rules.catalogue.says_as(in_force.rules.catalogue)
        self._same_pauses = present is not None and present.rules.policy.sla.pause == in_force.rules.policy.sla.pause
        self.asks_scores = present is None or not (self._same_owners and _scores_alike(present, in_force))
        self.asks_rates = not (self._same_pauses and present is not None and _rates_alike(present, in_force))
        self._exemptions = {entry.id: entry for entry in in_force.exemptions.entries}
        self._ages = in_force.rules.policy.score.age
        self._said: dict[str, _Said] = {}
        self._read: dict[str, _Read] = {}
        self._same_terms: dict[tuple[RiskClass, str, Kind, str], bool] = {}
        self._rates: dict[tuple[object, ...], dict[str, int]] = {}
        self._owners: dict[tuple[UUID, Kind], dict[str, int]] = {}
        self._rate_numbers: _Numbers[Rate] = _Numbers()
        self._owner_numbers: _Numbers[Ownership] = _Numbers()

    def know(self, keys: dict[UUID, str], evidence: Mapping[UUID, AssetEvidence]) -> None:
        """Take note of the assets that come next, their keys and what is pushed about them; forget the others."""
        self._keys = keys
        self._evidence = evidence
        self._owners.clear()
        if max(len(self._read), len(self._said)) > _MOST_KEPT:
            for kept in (self._said, self._read, self._rates):
                kept.clear()

    def asks_places(self) -> bool:
        """Tell whether it must be known where in these assets the findings are."""
        return not self._same_owners and any(self._assessor(asset).asks_place for asset in self._keys)

    async def inform(self, tx: Tx, rows: Sequence[Record]) -> None:
        """Read what the findings' rates say that are not known yet, with what the feeds know of them."""
        if not self.asks_rates:
            return
        if not self.asks_scores:
            await self._hear(tx, {said for row in rows for said in row["rates"] if said not in self._said})
            return
        fresh = {rate for row in rows for rate in row["rates"] if rate not in self._read}
        parsed = [(rate, *rate.split(planning.SEPARATOR, 2)) for rate in fresh]
        await self._hear(tx, {said for *_, said in parsed if said not in self._said})
        for rate, score, exploited, text in parsed:
            said = self._said[text]
            self._read[rate] = _Read(float(score), said, said.exploited != (exploited == "t"))

    async def _hear(self, tx: Tx, texts: set[str]) -> None:
        parsed = {text: text.split(planning.SEPARATOR, 2) for text in texts}
        named = {text: _listed(parts[2]) for text, parts in parsed.items()}
        known = await feeds.look_up(tx, (name for names in named.values() for name in names))
        for text, (severity, facts, _) in parsed.items():
            informed = known.inform(Facts.from_json(facts, Severity(severity)), named[text])
            exploited = known.known_exploited(named[text])
            self._said[text] = _Said(informed, self._rules.scorer.share(informed), exploited)

    def outcomes(self, row: Record, now: datetime) -> Iterator[Outcome]:
        """Yield what becomes of a row's findings at ``now``; ``positions`` are those in its arrays."""
        before = planning.as_standing(row)
        assessor = self._assessor(before.asset_id)
        rates = self._rate_all(row, before, assessor, now)
        owners = self._own_all(row, before, assessor)
        together: dict[tuple[int, int], list[int]] = {}
        for position, pair in enumerate(zip(rates, owners, strict=True)):
            together.setdefault(pair, []).append(position)
        for (rate_number, owner_number), positions in together.items():
            rate, owner = self._rate_numbers.values[rate_number], self._owner_numbers.values[owner_number]
            yield Outcome(before, self._after(before, rate, owner, assessor, now), rate, positions)

    def _rate_all(self, row: Record, before: Finding, assessor: Assessor, now: datetime) -> list[int]:
        texts: Sequence[str] | None = row["rates"]
        if texts is None:
            unchanged = Rate(before.risk_class, before.class_reason, _SAME_BAND, rescored=False, fix_available=True)
            return [self._rate_numbers(unchanged)] * row["number"]
        if not self.asks_scores:
            return self._class_all(texts, before.kind, assessor)
        age = age_of(before.first_seen_at, now)
        # Of the age only the steps that it has passed matter.
        steps = sum([age >= step for step in self._ages])
        known = self._rates.setdefault((assessor.profile, before.kind, steps), {})
        numbers = []
        for text in texts:
            number = known.get(text)
            if number is None:
                number = known[text] = self._rate_numbers(self._rate(self._read[text], before.kind, age, assessor))
            numbers.append(number)
        return numbers

    def _class_all(self, texts: Sequence[str], kind: Kind, assessor: Assessor) -> list[int]:
        """Decide about classes alone, where scores stay as they are and no class depends on one."""
        known = self._rates.setdefault((assessor.classifier.rows, kind), {})
        numbers = []
        for text in texts:
            number = known.get(text)
            if number is None:
                facts = self._said[text].facts
                classified = assessor.classifier.classify(facts, kind, 0.0)
                rate = Rate(
                    classified.risk_class,
                    classified.reason,
                    _SAME_BAND,
                    rescored=False,
                    fix_available=facts.fix_available,
                )
                number = known[text] = self._rate_numbers(rate)
            numbers.append(number)
        return numbers

    @staticmethod
    def _rate(read: _Read, kind: Kind, age: timedelta, assessor: Assessor) -> Rate:
        said = read.said
        score, classified = assessor.rate_briefly(said.facts, said.share, kind, age)
        bands = (band_of(read.score), band_of(score))
        rescored = read.news or score != read.score
        return Rate(classified.risk_class, classified.reason, bands, rescored, said.facts.fix_available)

    def _own_all(self, row: Record, before: Finding, assessor: Assessor) -> list[int]:
        number = row["number"]
        if self._same_owners:
            tier = assessor.tier_of(before.team)
            return [self._owner_numbers(Ownership(before.team, before.owner_reason, tier))] * number
        known = self._owners.setdefault((before.asset_id, before.kind), {})
        places: Sequence[str] = row["places"] if assessor.asks_place else [""] * number
        for place in places:
            if place not in known:
                owned = assessor.own(_place(before.kind, place))
                known[place] = self._owner_numbers(Ownership(owned.owner.team, owned.owner.reason, owned.tier))
        return [known[place] for place in places]

    def _after(self, before: Finding, rate: Rate, owner: Ownership, assessor: Assessor, now: datetime) -> Finding:
        now_owned = (before.team, before.owner_reason, before.tier) == owner
        alike = now_owned and before.risk_class is rate.risk_class and self._stands_by_same_terms(before)
        if alike:
            return before
        after = twin(before)
        after.risk_class, after.class_reason = rate.risk_class, rate.class_reason
        after.team, after.owner_reason, after.tier = owner
        after.exception_id = self._covering(before.exception_id, rate.risk_class, now)
        pending = before.next_timer_at is not None and before.next_timer_at <= now
        set_clock(after, before, assessor, now, fix_available=rate.fix_available, silent=not pending)
        return after

    def _stands_by_same_terms(self, before: Finding) -> bool:
        """Tell whether the clock needs no look, since the rules by which it goes are those by which it went."""
        if self._present is None or not self._same_pauses or before.exception_id is not None:
            return False
        key = (before.risk_class, before.tier, before.kind, before.team)
        same = self._same_terms.get(key)
        if same is None:
            present = self._present.assessor(self._keys[before.asset_id])
            same = present.owes(*key) == self._assessor(before.asset_id).owes(*key)
            self._same_terms[key] = same
        return same

    def _assessor(self, asset: UUID) -> Assessor:
        return self._rules.assessor(self._keys[asset], self._evidence.get(asset, NO_EVIDENCE))

    def _covering(self, exception_id: str | None, risk_class: RiskClass, now: datetime) -> str | None:
        """Return the exception if it still holds for the class; what VEX excuses is taken to stay excused."""
        if exception_id is not None and exception_id.startswith(EXCUSE):
            return exception_id
        entry = self._exemptions.get(exception_id or "")
        holds = entry is not None and entry.holds(risk_class, self._rules.rules.policy.acceptance, now)
        return exception_id if holds else None


def _scores_alike(one: InForce, other: InForce) -> bool:
    """Tell whether scores are the same by both, and no class depends on one."""
    policy, rival = one.rules.policy, other.rules.policy
    return policy.score == rival.score and all(row.when.min_score is None for row in rival.classes)


def _rates_alike(one: InForce, other: InForce) -> bool:
    """Tell whether score and class are the same by both, and whether nothing else asks for a finding's facts."""
    policy, rival = one.rules.policy, other.rules.policy
    same = (policy.score, policy.classes) == (rival.score, rival.classes)
    return same and one.rules.catalogue.says_as(other.rules.catalogue) and not policy.sla.pause.no_fix


class _Numbers(Generic[T]):
    """Gives equal values one number, since numbers are compared faster."""

    def __init__(self) -> None:
        self._numbers: dict[T, int] = {}
        self.values: list[T] = []

    def __call__(self, value: T) -> int:
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def _place(kind: Kind, text: str) -> Place:
    if not text:
        return Place(kind)
    path, purl, package, refs = text.split(planning.SEPARATOR, 3)
    return Place(kind, path or None, purl or None, package or None, _listed(refs))


def _listed(text: str) -> list[str]:
    return text.split(planning.LIST_SEPARATOR) if text else []
