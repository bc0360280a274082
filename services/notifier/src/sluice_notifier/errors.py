"""Errors of the notifier: how a delivery can fail (the domain's), and what callers of the HTTP interface are told."""

from sluice_notifier.domain.outcome import DeliveryError, Final, Reason, Retryable
from sluice_shared.http import Problem

__all__ = [
    "DeliveryError",
    "Final",
    "Reason",
    "Retryable",
    "no_delivery",
    "no_receiver",
    "no_silence",
    "not_failed",
    "restricted_token",
]


def no_delivery() -> Problem:
    """There is no delivery of this id, or it is about assets that the token does not cover."""
    return Problem(404, "no_delivery", "There is no such delivery", "Take an id from GET /v1/deliveries.")


def not_failed(state: str) -> Problem:
    """Only what failed can be tried again."""
    return Problem(
        409,
        "not_failed",
        "The delivery did not fail",
        f"It is {state}; only a failed delivery can be retried, a due one is tried again by itself.",
        state=state,
    )


def no_silence() -> Problem:
    """There is no silence of this id."""
    return Problem(404, "no_silence", "There is no such silence", "Take an id from GET /v1/silences.")


def no_receiver(names: list[str]) -> Problem:
    """There is no receiver of this name."""
    return Problem(
        404,
        "no_receiver",
        "There is no such receiver",
        f"routes.yaml has the receivers {', '.join(sorted(names))}.",
        receivers=sorted(names),
    )


def restricted_token() -> Problem:
    """Refuse a token that is for some assets only where all are concerned."""
    return Problem(
        403,
        "restricted_token",
        "The token is restricted to some assets",
        "This touches alerts of all assets; use a token that is not restricted.",
    )
