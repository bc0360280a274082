"""What only a check asks of the ownership rules: whether each can decide, and whether their tests hold."""

from collections.abc import Iterator, Sequence

from sluice_risk_index.domain.catalogue import Asset, Catalogue, OwnerRule, OwnerTest, names_of
from sluice_risk_index.domain.glob import name_matcher
from sluice_risk_index.domain.ownership import AssetOwnership, Place
from sluice_risk_index.domain.rule_cover import covers
from sluice_risk_index.storage.config_checks import Entries
from sluice_shared.config import Document, Problem
from sluice_shared.contracts.assets import AssetType

_WILDCARDS = "*?"
_PURL = "pkg:"


def check_ownership(entries: Entries, catalogue: Catalogue) -> Iterator[Problem]:
    """Find names that two teams go by, rules that never decide, and tests that do not hold."""
    yield from _doubled_names(entries)
    yield from _dead_rules(entries)
    for placed in entries.rules:
        for number, test in enumerate(placed.entry.tests):
            yield from _failed(test, placed.document, ("tests", number), catalogue)


def _doubled_names(entries: Entries) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for placed in entries.teams:
        for name in names_of(placed.entry):
            other = first.setdefault(name, placed.entry.name)
            if other != placed.entry.name:
                yield placed.document.problem(
                    ("aliases",), f"'{name}' is a name of the team '{other}', too", "let each name mean one team"
                )


def _dead_rules(entries: Entries) -> Iterator[Problem]:
    placed = [
        (rule, rules.document, number) for rules in entries.rules for number, rule in enumerate(rules.entry.rules)
    ]
    assets = [asset.entry for asset in entries.assets]
    for at, (rule, document, number) in enumerate(placed):
        path = ("rules", number)
        if (why := _matches_nothing(rule, assets)) is not None:
            yield document.problem(path, f"the rule can never match: {why}", "mend it, or take it out")
        later = next(((doc, n) for other, doc, n in placed[at + 1 :] if covers(other, rule)), None)
        if later is not None:
            where = f"{later[0].file.name}, line {later[0].mark(('rules', later[1])).line}"
            yield document.problem(
                path,
                f"the rule never decides: all that it matches goes to the one in {where}, since the last match wins",
                "put it after that one, or take it out",
            )


def _matches_nothing(rule: OwnerRule, assets: Sequence[Asset]) -> str | None:
    """Say why no finding can match, as far as the catalogue alone can tell."""
    if rule.asset is not None and not any(_may_begin(rule.asset, f"{kind.value}:") for kind in AssetType):
        return f"asset keys begin with {', '.join(f'{kind.value}:' for kind in AssetType)}, and '{rule.asset}' does not"
    if rule.tag is None:
        return None
    tagged = [asset for asset in assets if rule.tag in asset.tags]
    if not tagged:
        return f"no asset of the catalogue has the tag '{rule.tag}'"
    if rule.asset is not None and not any(name_matcher(rule.asset)(asset.key) for asset in tagged):
        return f"no asset with the tag '{rule.tag}' is called '{rule.asset}'"
    return None


def _may_begin(pattern: str, beginning: str) -> bool:
    """Tell whether something that begins so may match."""
    head = next((pattern[:at] for at, char in enumerate(pattern) if char in _WILDCARDS), pattern)
    whole = head == pattern
    return head.startswith(beginning) or (not whole and beginning.startswith(head))


def _failed(
    test: OwnerTest, document: Document, path: tuple[str | int, ...], catalogue: Catalogue
) -> Iterator[Problem]:
    package = test.package or ""
    is_purl = package.startswith(_PURL)
    place = Place(test.kind, test.path, package if is_purl else None, _name(package) or None, (test.ref,))
    found = AssetOwnership(catalogue, catalogue.asset(test.asset)).owner(place)
    if found.team != test.owner:
        yield document.problem(
            (*path, "owner"),
            f"{test} belongs to '{found.team}', not to '{test.owner}': {found.reason}",
            "mend the rules, or the test",
        )


def _name(package: str) -> str:
    """Return the name in a purl, its namespace before it; any other text is a name already."""
    if not package.startswith(_PURL):
        return package
    return package.partition("?")[0].partition("#")[0].rpartition("@")[0].partition("/")[2] or package
