"""What is exported to other formats: a finding with what its scanners say, or an observation alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sluice_shared.contracts.events import FindingState, FindingStatus
from sluice_shared.contracts.finding import Observation, RatingMethod, Severity

CVSS_VERSIONS: Mapping[RatingMethod, str] = {
    RatingMethod.CVSS_V4: "4.0",
    RatingMethod.CVSS_V31: "3.1",
    RatingMethod.CVSS_V3: "3.0",
    RatingMethod.CVSS_V2: "2.0",
}
"""Versions of CVSS by the method of a rating, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One problem to export. ``observations`` has at least one; the first speaks for all.

    ``finding_id`` is None, and so are the times and the status, for an observation that is no finding (yet). Times are
    UTC; ``risk_score`` is 0-100; ``is_new`` is set where it is compared with a base that does not have it.
    """

    observations: Sequence[Observation]
    severity: Severity
    asset: str | None = None
    finding_id: str | None = None
    status: FindingStatus | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    refs: Sequence[str] = ()
    first_seen_at: datetime | None = None
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    risk_score: float | None = None
    is_new: bool = False

    @property
    def main(self) -> Observation:
        """The observation that speaks for all."""
        return self.observations[0]

    @property
    def is_resolved(self) -> bool:
        """True when it is gone."""
        return self.status is FindingStatus.RESOLVED


def of_observation(observation: Observation, asset: str | None = None) -> Exported:
    """Return an observation by itself, of the asset that its report was about."""
    return Exported(observations=(observation,), severity=observation.severity, asset=observation.asset or asset)


def of_state(state: FindingState, asset: str) -> Exported | None:
    """Return a finding as the normaliser knows it; None when no observation of it is left."""
    if not state.observations:
        return None
    return Exported(
        observations=by_severity(state.observations),
        severity=state.severity,
        asset=asset,
        finding_id=str(state.finding_id),
        status=state.status,
        keys=state.keys,
        refs=state.refs,
        first_seen_at=state.first_seen_at,
        opened_at=state.opened_at,
        resolved_at=state.resolved_at,
    )


def by_severity(observations: Sequence[Observation]) -> Sequence[Observation]:
    """Return them with the worst first, else in their order."""
    return sorted(observations, key=lambda each: -each.severity.rank)
