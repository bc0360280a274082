"""Whether a stored token is good at a moment, and what a new one may be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sluice_ingest.domain.refusal import Refusal, Refused

MAX_LIFETIME = timedelta(days=3660)


class TokenState(StrEnum):
    """What a stored token is worth now."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is stored: its digest is not part of it. `assets` are globs over asset keys, none means all."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    assets: tuple[str, ...]
    created_at: datetime
    created_by: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def state(self, now: datetime) -> TokenState:
        """Return what the token is worth at `now`; revoked beats expired."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return TokenState.EXPIRED
        return TokenState.ACTIVE


def expiry(now: datetime, *, expires_in_days: float | None, expires_at: datetime | None) -> datetime | None:
    """Return when a new token ends; None is never. Raises Refused when both are given or the moment makes no sense."""
    if expires_in_days is not None and expires_at is not None:
        raise Refused(Refusal.BAD_PARAMETER, "Give expires_in_days or expires_at, not both")
    if expires_in_days is not None:
        # Kept in range first: a timedelta holds no more than a billion days.
        end = now + timedelta(days=min(expires_in_days, MAX_LIFETIME.days + 1))
    elif expires_at is not None:
        end = expires_at
    else:
        return None
    if end <= now:
        raise Refused(Refusal.BAD_PARAMETER, "The token would expire in the past; choose a later moment")
    if end > now + MAX_LIFETIME:
        raise Refused(
            Refusal.BAD_PARAMETER, f"The token would live longer than {MAX_LIFETIME.days} days; leave the expiry out"
        )
    return end
