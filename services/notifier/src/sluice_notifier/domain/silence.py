"""Silences: for a while, nobody is told of the alerts that fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_notifier.domain.labels import Labels
from sluice_notifier.domain.matching import matches_all


@dataclass(frozen=True, slots=True)
class Silence:
    """Who silences what, from when to when, and why. ``matchers`` is never empty."""

    id: UUID
    matchers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    created_at: datetime

    def is_active(self, now: datetime) -> bool:
        """Tell whether it holds now."""
        return self.starts_at <= now < self.ends_at

    def state(self, now: datetime) -> str:
        """Return ``pending``, ``active`` or ``expired``."""
        if now >= self.ends_at:
            return "expired"
        return "active" if self.is_active(now) else "pending"


def silenced_by(silences: Iterable[Silence], labels: Labels) -> Silence | None:
    """Return the first silence that the alert fits, if there is one."""
    return next((silence for silence in silences if matches_all(silence.matchers, labels)), None)
