"""When a due report is published again. All times are in seconds."""

from dataclasses import dataclass

_BYTES_PER_SECOND = 512 * 1024
_UNPUBLISHED_DELAY = 1.5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long ingest waits for a receipt before it publishes again, and how often it does so at most."""

    first: float
    longest: float
    max_attempts: int


def republish_delay(attempts: int, body_bytes: int, patience: Patience, *, spread: float) -> float:
    """Return how long to wait for the receipt after publication number `attempts` (1 = the first).

    The wait doubles with each publication; a large body gets the time it takes to be worked on. `spread` in 0..1
    lengthens the wait by up to a fifth, so that reports that became due together do not stay together.
    """
    wait = min(patience.first * 2.0 ** min(attempts - 1, 32), patience.longest)
    return (wait + body_bytes / _BYTES_PER_SECOND) * (1.0 + 0.2 * spread)


def unpublished_delay(*, spread: float) -> float:
    """Return how soon a report that could not be published is tried again: `spread` in 0..1 gives 1 to 2 seconds."""
    return _UNPUBLISHED_DELAY + (spread - 0.5)
