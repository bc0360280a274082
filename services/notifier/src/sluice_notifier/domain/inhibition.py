"""Inhibition: an alert is not worth a message while a stronger one about the same stands."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluice_notifier.domain.labels import Labels
from sluice_notifier.domain.matching import MatcherText, matches_all


class Same(StrEnum):
    """What the two alerts have to have in common."""

    FINDING = "finding"
    ASSET = "asset"
    TEAM = "team"


class InhibitRule(BaseModel):
    """While an alert fits ``source``, those that fit ``target`` and are ``equal`` to it are muted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: list[MatcherText] = Field(min_length=1)
    target: list[MatcherText] = Field(min_length=1)
    equal: list[Same] = Field(default=[Same.FINDING], min_length=1)

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        if set(self.source) == set(self.target):
            raise ValueError(
                "source and target are the same, so every alert would mute every other; narrow one of them"
            )
        return self


def inhibited_by(rules: Sequence[InhibitRule], labels: Labels, standing: Iterable[Labels]) -> int | None:
    """Return the number, from 1, of the first rule by which one of the ``standing`` alerts mutes this one, if any.

    An alert that is itself a source is never muted by the same rule, so that two of them cannot mute each other.
    """
    others = list(standing)
    for number, rule in enumerate(rules, start=1):
        if not matches_all(rule.target, labels) or matches_all(rule.source, labels):
            continue
        wanted = [labels.get(name) for name in rule.equal]
        if any(
            [other.get(name) for name in rule.equal] == wanted and matches_all(rule.source, other) for other in others
        ):
            return number
    return None
