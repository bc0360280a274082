"""Who owns a finding: the asset's owner, unless its CODEOWNERS, or after them a rule of the catalogue, say otherwise.

In each of the two the last match wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice_risk_index.domain.catalogue import TRIAGE, Asset, Catalogue, OwnerRule
from sluice_risk_index.domain.codeowners import Codeowners, OwnedPaths
from sluice_risk_index.domain.glob import Matcher, name_matcher, path_matcher
from sluice_shared.contracts.finding import Kind


@dataclass(frozen=True, slots=True)
class Owner:
    """The team that has to deal with it, and why it is that one."""

    team: str
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is, as far as rules can ask."""

    kind: Kind
    path: str | None = None
    purl: str | None = None
    package: str | None = None
    refs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    owner: Owner
    kind: Kind | None
    path: Matcher | None
    package: Matcher | None
    ref: Matcher | None

    def matches(self, place: Place) -> bool:
        if self.kind is not None and self.kind is not place.kind:
            return False
        if self.path is not None and not (place.path and self.path(place.path.lstrip("/"))):
            return False
        if self.package is not None and not any(self.package(name) for name in (place.purl, place.package) if name):
            return False
        return self.ref is None or any(self.ref(ref) for ref in place.refs)


class AssetOwnership:
    """Finds owners within one asset: what depends on the asset alone is decided once."""

    def __init__(self, catalogue: Catalogue, asset: Asset, pushed: Codeowners | None = None) -> None:
        """Take the asset's CODEOWNERS from the catalogue, else those that were ``pushed`` for it."""
        codeowners = catalogue.codeowners.get(asset.key, pushed)
        self._paths = OwnedPaths(codeowners, catalogue.team_of) if codeowners is not None else None
        self._default = (
            Owner(asset.owner, "owner of the asset in the catalogue")
            if asset.owner
            else Owner(TRIAGE, "neither a rule nor an owner of the asset says whose it is")
        )
        # The last match wins, so the search goes from the end.
        self._rules = [
            _compile(rule, number)
            for number, rule in reversed(list(enumerate(catalogue.rules, start=1)))
            if _speaks_of(rule, asset)
        ]

        self.asks_place = self._paths is not None or any(rule.path or rule.package or rule.ref for rule in self._rules)
        """Whether the owner depends on where in the asset a finding is, rather than on its kind alone."""

    def owner(self, place: Place) -> Owner:
        """Return the owner of a finding at ``place``."""
        for rule in self._rules:
            if rule.matches(place):
                return rule.owner
        claim = self._paths.claim(place.path) if self._paths is not None and place.path else None
        return Owner(claim.team, claim.reason) if claim is not None else self._default


def _speaks_of(rule: OwnerRule, asset: Asset) -> bool:
    if rule.asset is not None and not name_matcher(rule.asset)(asset.key):
        return False
    return rule.tag is None or rule.tag in asset.tags


def _compile(rule: OwnerRule, number: int) -> _Rule:
    return _Rule(
        owner=Owner(rule.team, f"rule {number} of the catalogue: {rule}"),
        kind=rule.kind,
        path=path_matcher(rule.path) if rule.path else None,
        package=name_matcher(rule.package) if rule.package else None,
        ref=name_matcher(rule.ref) if rule.ref else None,
    )
