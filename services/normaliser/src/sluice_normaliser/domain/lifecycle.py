"""What a scan changes in its scope: which findings appear, which stay, which go.

Presence is kept per scope. A complete scan ends the presence of what it does not show, unless something newer has
shown it; a partial or failed scan ends nothing; a scan older than the scope's last complete one ends nothing either,
and what only it shows is over already. A scan that suddenly loses most of its findings is held: the next complete one
confirms the loss or shows it to be an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sluice_normaliser.domain.algorithms import computed
from sluice_normaliser.domain.matching import Matches
from sluice_normaliser.domain.scan import Position, Prepared


class Presence(NamedTuple):
    """That a finding is present in a scope, since when, and until when it was last confirmed by a partial scan."""

    finding_id: UUID
    exact: bytes
    content: bytes
    since: Position
    confirmed: Position


@dataclass(frozen=True, slots=True)
class ScopeState:
    """What is known of a scope before the scan.

    ``holds``: its last complete scan lost so much that the losses wait until another confirms them.
    ``algorithms`` are the numbers of those whose keys are stored for what it shows.
    """

    last_complete: Position | None
    present: Mapping[UUID, Presence]
    holds: bool = False
    algorithms: frozenset[int] = field(default_factory=computed)


@dataclass(frozen=True, slots=True)
class Hold:
    """When a loss is too sudden to be believed at once: over ``share`` of the findings, and at least ``minimum``."""

    share: float = 0.5
    minimum: int = 20

    def applies(self, gone: int, present: int) -> bool:
        """Tell whether losing ``gone`` of ``present`` findings in one scan has to be confirmed first."""
        return gone >= self.minimum and gone > self.share * present


@dataclass(slots=True)
class ScanPlan:
    """What has to be written. Indices count the scan's problems."""

    late: bool
    created: list[int] = field(default_factory=list)
    appeared: list[tuple[int, UUID, str]] = field(default_factory=list)
    changed: list[tuple[int, UUID, str]] = field(default_factory=list)
    backdated: list[UUID] = field(default_factory=list)
    confirmed: list[UUID] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    held: int = 0
    unchanged: int = 0

    @property
    def touches_nothing(self) -> bool:
        """True when no row of a finding has to be written."""
        return not (self.created or self.appeared or self.changed or self.backdated or self.confirmed or self.gone)


def plan_scan(
    problems: Sequence[Prepared],
    matches: Matches,
    scope: ScopeState,
    position: Position,
    *,
    complete: bool,
    hold: Hold,
) -> ScanPlan:
    """Decide what the scan changes.

    ``created`` are problems nobody knew; ``appeared`` are known findings that this scope did not show;
    ``changed`` are present ones of which the scanner now says something else; ``backdated`` are present ones that
    this late scan had seen earlier; ``confirmed`` are present ones that a partial scan has seen again; ``gone`` are
    no longer present; ``held`` counts those that would be, but for a loss so sudden that the next scan has to
    confirm it.
    """
    late = scope.last_complete is not None and position < scope.last_complete
    plan = ScanPlan(late=late, created=list(matches.left))
    seen: set[UUID] = set()
    for index, (finding_id, key) in matches.joined.items():
        seen.add(finding_id)
        presence = scope.present.get(finding_id)
        if presence is None:
            plan.appeared.append((index, finding_id, key))
            continue
        newest = max(presence.since, presence.confirmed)
        if presence.content != problems[index].content and position >= newest and not late:
            plan.changed.append((index, finding_id, key))
        elif position < presence.since:
            plan.backdated.append(finding_id)
        else:
            plan.unchanged += 1
        if not complete and position > newest:
            plan.confirmed.append(finding_id)
    if complete and not late:
        plan.gone = [
            finding_id
            for finding_id, presence in scope.present.items()
            if finding_id not in seen and max(presence.since, presence.confirmed) < position
        ]
        if not scope.holds and hold.applies(len(plan.gone), len(scope.present)):
            plan.held, plan.gone = len(plan.gone), []
    return plan
