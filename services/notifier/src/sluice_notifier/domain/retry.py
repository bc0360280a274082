"""When a delivery is tried again."""

from datetime import datetime, timedelta

_BASE = 5.0
_CAP = 900.0
_JITTER = 0.2
_MAX_DOUBLINGS = 32


def next_attempt(
    now: datetime, *, attempts: int, after: timedelta | None, give_up_at: datetime, spread: float
) -> datetime | None:
    """Return when to try again after the failed attempt number ``attempts`` (1 = the first), or None: give up.

    The wait doubles from 5 s to 15 min and is never shorter than the provider asked for (``after``); ``spread`` in
    0..1 lengthens it by up to a fifth, so that those who failed together do not come back together.
    """
    wait = min(_CAP, _BASE * 2.0 ** min(max(attempts, 1) - 1, _MAX_DOUBLINGS))
    if after is not None:
        wait = max(wait, after.total_seconds())
    at = now + timedelta(seconds=wait * (1 + _JITTER * spread))
    return at if at <= give_up_at else None
