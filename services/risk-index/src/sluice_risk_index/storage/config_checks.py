"""What a schema cannot say about policy and catalogue: names that lead nowhere, entries that contradict each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from sluice_risk_index.domain.catalogue import TRIAGE, Asset, OwnerRules, Team
from sluice_risk_index.domain.durations import BusinessDays, write_span
from sluice_risk_index.domain.policy import Condition, Policy, Requirement
from sluice_risk_index.storage.documents import Placed
from sluice_shared.config import Document, Problem

__all__ = ["Entries", "Placed", "check_catalogue", "check_policy"]

E = TypeVar("E")


@dataclass(slots=True)
class Entries:
    """All entries of the catalogue, in the order of the files."""

    teams: list[Placed[Team]] = field(default_factory=list)
    assets: list[Placed[Asset]] = field(default_factory=list)
    rules: list[Placed[OwnerRules]] = field(default_factory=list)


def check_policy(document: Document, policy: Policy) -> Iterator[Problem]:
    """Find what cannot be meant."""
    yield from _check_tiers(document, policy)
    yield from _check_classes(document, policy)
    yield from _check_requirements(document, policy)
    yield from _check_escalation(document, policy)
    yield from _unknown_calendar(document, ("default_calendar",), policy.default_calendar, policy)


def check_catalogue(entries: Entries, policy: Policy) -> Iterator[Problem]:
    """Find doubled entries, and names of teams and tiers that nobody has."""
    yield from _doubled(entries.teams, lambda team: team.name, ("name",), "the team")
    yield from _doubled(entries.assets, lambda asset: asset.key, ("key",), "the asset")
    teams = {placed.entry.name for placed in entries.teams} | {TRIAGE}
    for placed in entries.teams:
        yield from _unknown_tier(placed.document, ("tier",), placed.entry.tier, policy)
        yield from _unknown_calendar(placed.document, ("calendar",), placed.entry.calendar, policy)
    for asset in entries.assets:
        yield from _unknown_tier(asset.document, ("tier",), asset.entry.tier, policy)
        if asset.entry.owner is not None and asset.entry.owner not in teams:
            yield _unknown_team(asset.document, ("owner",), asset.entry.owner, teams)
    for rules in entries.rules:
        for number, rule in enumerate(rules.entry.rules):
            if rule.team not in teams:
                yield _unknown_team(rules.document, ("rules", number, "team"), rule.team, teams)


def _check_tiers(document: Document, policy: Policy) -> Iterator[Problem]:
    if len(set(policy.tiers)) < len(policy.tiers):
        yield document.problem(("tiers",), "a tier is there twice", "keep one of each")
    yield from _unknown_tier(document, ("default_tier",), policy.default_tier, policy)
    for tier in policy.gate.tiers:
        yield from _unknown_tier(document, ("gate", "tiers", tier), tier, policy)
    for number, requirement in enumerate(policy.sla.requirements):
        yield from _unknown_tier(document, ("sla", "requirements", number, "from_tier"), requirement.from_tier, policy)


def _check_classes(document: Document, policy: Policy) -> Iterator[Problem]:
    for number, row in enumerate(policy.classes[:-1]):
        if row.when == Condition():
            yield document.problem(
                ("classes", number),
                "this row matches everything, so the rows after it never decide",
                "give it conditions, or make it the last one",
            )
    weighted = set(policy.index.weights)
    missing = sorted({row.risk_class.value for row in policy.classes} - {c.value for c in weighted})
    if missing:
        yield document.problem(("index", "weights"), f"no weight for {', '.join(missing)}", "add one for each class")


def _check_requirements(document: Document, policy: Policy) -> Iterator[Problem]:
    known: list[Requirement] = []
    for number, requirement in enumerate(policy.sla.requirements):
        path = ("sla", "requirements", number)
        for other in known:
            if _same_scope(requirement, other):
                yield document.problem(path, "says the same of the same findings as one before", "keep one of them")
            elif _never_binds(requirement, other, policy):
                yield document.problem(
                    (*path, "within"),
                    f"never binds: {write_span(other.within)} holds for all these findings already",
                    f"write a shorter time than {write_span(other.within)}",
                )
        known.append(requirement)


def _check_escalation(document: Document, policy: Policy) -> Iterator[Problem]:
    """Find who is escalated to again after somebody above them: an escalation only ever goes up."""
    heard: dict[str, float] = {}
    last = None
    for number, step in enumerate(policy.sla.escalate):
        if step.to in heard and step.to != last:
            yield document.problem(
                ("sla", "escalate", number, "to"),
                f"a cycle: the escalation goes back to '{step.to}', who heard of it at {heard[step.to]:g}",
                "escalate to somebody above them, or take the step out",
            )
        heard.setdefault(step.to, step.at)
        last = step.to


def _same_scope(one: Requirement, other: Requirement) -> bool:
    return (one.risk_class, one.from_tier, one.kinds) == (other.risk_class, other.from_tier, other.kinds)


def _never_binds(one: Requirement, other: Requirement, policy: Policy) -> bool:
    """Tell whether ``other`` holds wherever ``one`` does, and allows no more time."""
    if one.risk_class is not other.risk_class or not _no_longer(other.within, one.within):
        return False
    if other.kinds is not None and (one.kinds is None or not one.kinds <= other.kinds):
        return False
    known = all(tier is None or tier in policy.tiers for tier in (one.from_tier, other.from_tier))
    return known and _rank(other, policy) <= _rank(one, policy)


def _no_longer(one: timedelta | BusinessDays, other: timedelta | BusinessDays) -> bool:
    """Tell whether ``one`` is never over later; how business days and others compare depends on the start."""
    if isinstance(one, BusinessDays):
        return isinstance(other, BusinessDays) and one <= other
    return isinstance(other, timedelta) and one <= other


def _rank(requirement: Requirement, policy: Policy) -> int:
    return 0 if requirement.from_tier is None else policy.tier_rank(requirement.from_tier)


def _doubled(entries: list[Placed[E]], name: Callable[[E], str], path: tuple[str, ...], what: str) -> Iterator[Problem]:
    first: dict[str, Document] = {}
    for placed in entries:
        known = first.setdefault(name(placed.entry), placed.document)
        if known is not placed.document:
            where = known.mark(path)
            yield placed.document.problem(
                path,
                f"{what} '{name(placed.entry)}' is already in {known.file.name}, line {where.line}",
                "keep one of the two",
            )


def _unknown_tier(
    document: Document, path: tuple[str | int, ...], tier: str | None, policy: Policy
) -> Iterator[Problem]:
    if tier is not None and tier not in policy.tiers:
        yield document.problem(path, f"no tier is called '{tier}'", f"write one of {', '.join(policy.tiers)}")


def _unknown_calendar(
    document: Document, path: tuple[str | int, ...], calendar: str | None, policy: Policy
) -> Iterator[Problem]:
    if calendar is not None and calendar not in policy.calendars:
        known = ", ".join(sorted(policy.calendars))
        hint = f"write one of {known}, or add it" if known else "add it"
        yield document.problem(path, f"no calendar is called '{calendar}'", f"{hint} under `calendars` in policy.yaml")


def _unknown_team(document: Document, path: tuple[str | int, ...], team: str, teams: set[str]) -> Problem:
    known = ", ".join(sorted(teams))
    return document.problem(path, f"no team is called '{team}'", f"write one of {known}, or add the team")
