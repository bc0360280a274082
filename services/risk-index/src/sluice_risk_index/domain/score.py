"""The score: 0-100, the sum of weight x value over the factors, so that each factor's share can be read off.

Every value is from 0 to 1 and every weight is at least 0, hence the score is monotone in every factor; it is bounded by
clamping the sum to 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sluice_risk_index.domain.facts import CVSS_METHODS, Facts
from sluice_risk_index.domain.policy import Criticality, Exposure, ScorePolicy

MAX_SCORE = 100.0
_DECIMALS = 2


class Factor(NamedTuple):
    """A factor's part in a score: ``contribution`` = ``weight`` x ``value``, in points."""

    name: str
    value: float
    source: str
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score, 0-100, and the factors whose contributions add up to it before it is clamped."""

    value: float
    factors: Sequence[Factor]


class Share(NamedTuple):
    """What the facts of a finding give to its score: ``points``, and the factors that they add up from."""

    points: float
    factors: tuple[Factor, ...]


class Scorer:
    """Scores findings by one policy. Made once for many findings: what does not vary is computed here."""

    def __init__(self, policy: ScorePolicy) -> None:
        weights = policy.weights
        self._weights = weights
        self._severity = policy.severity
        self._exploit = policy.exploit
        self._methods = {method.value: rank for rank, method in enumerate(CVSS_METHODS)}
        self._sources = {source: rank for rank, source in enumerate(policy.trusted_sources)}
        self._ages = policy.age
        self._exposure = {
            exposure: _factor("exposure", value, f"catalogue: {exposure.value}", weights.exposure)
            for exposure, value in policy.exposure.items()
        }
        self._criticality = {
            criticality: _factor("criticality", value, f"catalogue: {criticality.value}", weights.criticality)
            for criticality, value in policy.criticality.items()
        }
        self._confidence = {
            confidence: _factor("confidence", value, f"scanner: {confidence.value}", weights.confidence)
            for confidence, value in policy.confidence.items()
        }
        self._verified_secret = {
            False: _factor("verified_secret", 0.0, "not verified", weights.verified_secret),
            True: _factor("verified_secret", 1.0, "the scanner tried it", weights.verified_secret),
        }
        self._fix = {
            False: _factor("fix", 0.0, "no fix is known", weights.fix),
            True: _factor("fix", 1.0, "a fix is available", weights.fix),
        }

    def share(self, facts: Facts) -> Share:
        """Return what the facts of a finding give to its score, on whatever asset it is."""
        weights = self._weights
        severity, severity_source = self._believed_severity(facts)
        factors = (
            _factor("severity", severity, severity_source, weights.severity),
            _factor("exploit", self._exploit[facts.exploit], facts.exploit_source or "not said", weights.exploit),
            _factor("epss", facts.epss or 0.0, facts.epss_source or "not known", weights.epss),
            self._verified_secret[facts.verified_secret],
            self._confidence[facts.confidence],
            self._fix[facts.fix_available],
        )
        return Share(sum([factor.contribution for factor in factors]), factors)

    def value(self, share: Share, *, exposure: Exposure, criticality: Criticality, age: timedelta) -> float:
        """Return the score, 0-100, of a finding that is known for ``age``, on such an asset."""
        of_asset = self._exposure[exposure].contribution + self._criticality[criticality].contribution
        total = share.points + of_asset + round(self._age(age) * self._weights.age, _DECIMALS)
        return round(min(max(total, 0.0), MAX_SCORE), _DECIMALS)

    def score(self, share: Share, *, exposure: Exposure, criticality: Criticality, age: timedelta) -> Score:
        """Return the score with all its factors."""
        factors = (
            *share.factors[:3],
            self._exposure[exposure],
            self._criticality[criticality],
            *share.factors[3:],
            _factor("age", self._age(age), f"first seen {age.days} days ago", self._weights.age),
        )
        return Score(self.value(share, exposure=exposure, criticality=criticality, age=age), factors)

    def _believed_severity(self, facts: Facts) -> tuple[float, str]:
        """Return the value of the most believed CVSS rating, else of the severity."""
        ratings = facts.cvss
        if not ratings:
            return self._severity[facts.severity], f"severity: {facts.severity.value}"
        method, source, score = ratings[0] if len(ratings) == 1 else min(ratings, key=self._belief)
        return score / 10.0, f"{source} {method}"

    def _belief(self, rating: tuple[str, str, float]) -> tuple[int, int, float, str]:
        method, source, score = rating
        return self._methods[method], self._sources.get(source.lower(), len(self._sources)), -score, source

    def _age(self, age: timedelta) -> float:
        if not self._ages:
            return 0.0
        return sum([age >= step for step in self._ages]) / len(self._ages)


def age_of(first_seen_at: datetime, now: datetime) -> timedelta:
    """Return for how long it is known; never negative, whatever the scanner's clock said."""
    return max(now - first_seen_at, timedelta(0))


def _factor(name: str, value: float, source: str, weight: float) -> Factor:
    return Factor(name, value, source, weight, round(value * weight, _DECIMALS))
