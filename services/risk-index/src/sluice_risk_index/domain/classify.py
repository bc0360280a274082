"""The class of a finding: the first matching row of the policy's decision table, after CISA's SSVC."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sluice_risk_index.domain.catalogue import Asset
from sluice_risk_index.domain.facts import Facts
from sluice_risk_index.domain.policy import ClassRow, Condition, RiskClass
from sluice_shared.contracts.finding import Kind


@dataclass(frozen=True, slots=True)
class Classified:
    """The class, and the row of the table that gave it."""

    risk_class: RiskClass
    reason: str


class Classifier:
    """Classes the findings of one asset: rows that its attributes rule out are left out at once."""

    def __init__(self, table: Sequence[ClassRow], asset: Asset) -> None:
        self._rows = [
            (row.when, Classified(row.risk_class, f"row {number}: {row.because}"))
            for number, row in enumerate(table, start=1)
            if _suits(row.when, asset)
        ]

        self.rows = tuple(number for number, row in enumerate(table) if _suits(row.when, asset))
        """Which rows are left, counted from 0: where they are the same, equal findings are classed the same."""
        conditions = [condition for condition, _ in self._rows]
        self._epss = sorted({c.min_epss for c in conditions if c.min_epss is not None})
        self._scores = sorted({c.min_score for c in conditions if c.min_score is not None})
        self._known: dict[tuple[object, ...], Classified] = {}

    def classify(self, facts: Facts, kind: Kind, score: float) -> Classified:
        """Return the class; ``track`` where no row matches."""
        # All that the rows can tell apart; few combinations of it occur, however many findings there are.
        key = (
            facts.severity,
            facts.exploit,
            facts.verified_secret,
            facts.fix_available,
            kind,
            -1 if facts.epss is None else bisect_right(self._epss, facts.epss),
            bisect_right(self._scores, score),
        )
        classified = self._known.get(key)
        if classified is None:
            classified = self._known[key] = self._decide(facts, kind, score)
        return classified

    def _decide(self, facts: Facts, kind: Kind, score: float) -> Classified:
        for condition, classified in self._rows:
            if _matches(condition, facts, kind, score):
                return classified
        return _UNMATCHED


_UNMATCHED = Classified(RiskClass.TRACK, "no row of the decision table matches")


def _suits(condition: Condition, asset: Asset) -> bool:
    if condition.exposure is not None and asset.exposure not in condition.exposure:
        return False
    if condition.criticality is not None and asset.criticality not in condition.criticality:
        return False
    if condition.environment is not None and asset.environment not in condition.environment:
        return False
    if condition.data_class is not None and asset.data_class not in condition.data_class:
        return False
    return condition.tag is None or not condition.tag.isdisjoint(asset.tags)


def _matches(condition: Condition, facts: Facts, kind: Kind, score: float) -> bool:
    if condition.severity is not None and facts.severity not in condition.severity:
        return False
    if condition.kind is not None and kind not in condition.kind:
        return False
    return _exploitable(condition, facts) and (condition.min_score is None or score >= condition.min_score)


def _exploitable(condition: Condition, facts: Facts) -> bool:
    if condition.exploit is not None and facts.exploit not in condition.exploit:
        return False
    if condition.verified_secret is not None and facts.verified_secret is not condition.verified_secret:
        return False
    if condition.fix_available is not None and facts.fix_available is not condition.fix_available:
        return False
    return condition.min_epss is None or (facts.epss is not None and facts.epss >= condition.min_epss)
