"""The rules in force, with what is made of them once for many findings."""

from collections import OrderedDict

from sluice_risk_index.domain.alerts import AlertWriter
from sluice_risk_index.domain.assess import Assessor, Rules
from sluice_risk_index.domain.score import Scorer
from sluice_risk_index.domain.sla import Schedule

_ASSESSORS_KEPT = 2_000


class InForce:
    """Replaced as a whole when policy or catalogue change."""

    def __init__(self, rules: Rules, public_url: str) -> None:
        self.rules = rules
        self.schedule = Schedule(rules.policy.sla)
        self.alerts = AlertWriter(rules.catalogue, public_url)
        self._scorer = Scorer(rules.policy.score)
        self._assessors: OrderedDict[str, Assessor] = OrderedDict()

    def assessor(self, asset: str) -> Assessor:
        """Return what assesses the findings of the asset with this key."""
        assessor = self._assessors.get(asset)
        if assessor is None:
            assessor = Assessor(self.rules, self.rules.catalogue.asset(asset), self._scorer, self.schedule)
            self._assessors[asset] = assessor
            if len(self._assessors) > _ASSESSORS_KEPT:
                self._assessors.popitem(last=False)
        else:
            self._assessors.move_to_end(asset)
        return assessor
