"""The risk-weighted index: one number for an asset, a team or the whole portfolio.

index = sum over the open findings of (weight of the finding's class) x (its score / 100)

It adds up: the index of a whole is the sum of its parts'. Closing a finding always lowers it, and one ``act`` weighs as
much as several ``track``, by the weights of the policy.
"""

from collections.abc import Mapping

from sluice_risk_index.domain.policy import RiskClass

FORMULA = "sum over open findings of class weight x score / 100"
_DECIMALS = 2


def risk_index(score_sums: Mapping[RiskClass, float], weights: Mapping[RiskClass, float]) -> float:
    """Return the index of findings whose scores add up, class by class, to ``score_sums``."""
    total = sum(weights.get(risk_class, 0.0) * score for risk_class, score in score_sums.items())
    return round(total / 100.0, _DECIMALS)
