"""The rules in force, with what is made of them once for many findings."""

from collections import OrderedDict

from sluice_risk_index.domain.alerts import AlertWriter
from sluice_risk_index.domain.assess import Assessor, Rules
from sluice_risk_index.domain.asset_evidence import NO_EVIDENCE, AssetEvidence
from sluice_risk_index.domain.exceptions import Exemptions
from sluice_risk_index.domain.score import Scorer
from sluice_risk_index.domain.sla import Schedule

_ASSESSORS_KEPT = 2_000


class InForce:
    """Replaced as a whole when policy, catalogue or exceptions change."""

    def __init__(self, rules: Rules, public_url: str, exemptions: Exemptions | None = None) -> None:
        self.rules = rules
        self.exemptions = exemptions or Exemptions()
        self._public_url = public_url
        self._successor: InForce | None = None
        self.schedule = Schedule(rules.policy.sla)
        self.alerts = AlertWriter(rules.catalogue, public_url)
        self.scorer = Scorer(rules.policy.score)
        self._assessors: OrderedDict[tuple[str, str], Assessor] = OrderedDict()

    def with_exemptions(self, exemptions: Exemptions) -> "InForce":
        """Return the same rules with these exceptions; the same object for the same ones."""
        if exemptions is self.exemptions:
            return self
        if self._successor is None or self._successor.exemptions is not exemptions:
            self._successor = InForce(self.rules, self._public_url, exemptions)
        return self._successor

    def assessor(self, asset: str, evidence: AssetEvidence = NO_EVIDENCE) -> Assessor:
        """Return what assesses the findings of the asset with this key, about which there is ``evidence``."""
        name = (asset, evidence.digest)
        assessor = self._assessors.get(name)
        if assessor is None:
            exemptions = self.exemptions.of_asset(asset, self.rules.policy.acceptance)
            known = self.rules.catalogue.asset(asset)
            pushed = evidence.codeowners
            assessor = Assessor(self.rules, known, self.scorer, self.schedule, exemptions, pushed)
            self._assessors[name] = assessor
            if len(self._assessors) > _ASSESSORS_KEPT:
                self._assessors.popitem(last=False)
        else:
            self._assessors.move_to_end(name)
        return assessor.told(evidence.statements)
