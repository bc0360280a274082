"""What a list of findings is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class SortKey(StrEnum):
    """What a list is ordered by; ties are broken by the finding's id."""

    SCORE = "score"
    DUE = "due"
    FIRST_SEEN = "first_seen"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order, and its direction."""

    key: SortKey
    descending: bool

    def __str__(self) -> str:
        return f"-{self.key.value}" if self.descending else self.key.value


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the findings must be; an empty sequence asks nothing, several values are alternatives.

    ``assets`` are ids, ``asset_keys`` present or former keys; ``words`` must each begin a term of the finding;
    ``visible`` are the ids of the assets that the caller may see, None for all.
    """

    statuses: Sequence[str] = ()
    severities: Sequence[str] = ()
    classes: Sequence[str] = ()
    kinds: Sequence[str] = ()
    sla_states: Sequence[str] = ()
    tiers: Sequence[str] = ()
    decisions: Sequence[str] = ()
    scanners: Sequence[str] = ()
    teams: Sequence[str] = ()
    assets: Sequence[UUID] = ()
    asset_keys: Sequence[str] = ()
    refs: Sequence[str] = ()
    identifiers: Sequence[str] = ()
    words: Sequence[str] = ()
    visible: Sequence[UUID] | None = None


@dataclass(frozen=True, slots=True)
class After:
    """Where the last page ended: the value that was ordered by (text for times) and the finding's id."""

    value: float | str
    id: UUID
