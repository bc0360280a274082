"""Owner rules that can never decide: what they match nobody has, or a later rule matches it all and wins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice_risk_index.domain.catalogue import Asset, OwnerRule, OwnerRules
from sluice_risk_index.domain.glob import name_matcher
from sluice_risk_index.storage.documents import Placed
from sluice_shared.config import Document, Problem
from sluice_shared.contracts.assets import parse_asset_key

_WILDCARDS = frozenset("*?")


@dataclass(frozen=True, slots=True)
class _Rule:
    rule: OwnerRule
    document: Document
    number: int

    def problem(self, field: str, message: str, hint: str) -> Problem:
        path = ("rules", self.number, field) if field else ("rules", self.number)
        return self.document.problem(path, message, hint)

    @property
    def place(self) -> str:
        return f"{self.document.file.name}, line {self.document.mark(('rules', self.number)).line}"


def check_owner_rules(entries: Sequence[Placed[OwnerRules]], assets: Sequence[Asset]) -> Iterator[Problem]:
    """Find rules that decide about nothing; each is told once."""
    rules = [
        _Rule(rule, placed.document, number) for placed in entries for number, rule in enumerate(placed.entry.rules)
    ]
    tags = {tag for asset in assets for tag in asset.tags}
    for position, rule in enumerate(rules):
        unmatched = next(_matching_nothing(rule, tags), None)
        later = next((other for other in rules[position + 1 :] if covers(other.rule, rule.rule)), None)
        if unmatched is not None:
            yield unmatched
        elif later is not None:
            yield rule.problem(
                "",
                f"this rule can never decide: the one in {later.place} matches all that it matches, and the last wins",
                "put it after that one, or take it out",
            )


def covers(one: OwnerRule, other: OwnerRule) -> bool:
    """Tell whether ``one`` surely matches whatever ``other`` matches. Where that is hard to tell, it is False."""
    same = all(getattr(one, field) is None or getattr(one, field) == getattr(other, field) for field in ("kind", "tag"))
    paths = one.path is None or one.path == other.path or (other.path is not None and one.path in ("*", "**"))
    names = all(_wider(getattr(one, field), getattr(other, field)) for field in ("asset", "package", "ref"))
    return same and paths and names


def _wider(one: str | None, other: str | None) -> bool:
    """Tell whether the glob ``one`` matches all names that ``other`` matches.

    A `*` of the other can only be matched by a `*` of this one, so that the other may be taken as if it were a name;
    with a `?` in this one that does not hold.
    """
    if one is None or one == other:
        return True
    return other is not None and "?" not in one and name_matcher(one)(other)


def _matching_nothing(rule: _Rule, tags: set[str]) -> Iterator[Problem]:
    tag, asset = rule.rule.tag, rule.rule.asset
    if tag is not None and tag not in tags:
        yield rule.problem("tag", f"no asset of the catalogue has the tag '{tag}'", "write one that an asset has")
    if asset is not None and _WILDCARDS.isdisjoint(asset):
        try:
            parse_asset_key(asset)
        except ValueError as error:
            hint = "write a whole key, such as repo:github.com/acme/shop, or a glob, such as repo:github.com/acme/*"
            yield rule.problem("asset", f"no asset can have this key: {error}", hint)
