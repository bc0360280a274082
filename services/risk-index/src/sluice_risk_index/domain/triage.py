"""What people decided about a finding, kept apart from what scanners say of it.

A decision that excuses a finding (accepted, a false positive, mitigated, deferred, or covered by an exception) stops
its SLA clock and takes it out of the gate and of the counts of open findings. When it ends, the clock goes on where it
stood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sluice_risk_index.domain.durations import write_duration
from sluice_risk_index.domain.policy import AcceptancePolicy, RiskClass


class Decision(StrEnum):
    """How a finding is to be treated. ``excepted`` follows from an exception file, the others from people."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    FALSE_POSITIVE = "false_positive"
    MITIGATED = "mitigated"
    DEFERRED = "deferred"
    EXCEPTED = "excepted"


EXCUSED = frozenset(
    {Decision.ACCEPTED, Decision.FALSE_POSITIVE, Decision.MITIGATED, Decision.DEFERRED, Decision.EXCEPTED}
)
"""Decisions under which the clock stands still."""
TIMED = frozenset({Decision.ACCEPTED, Decision.DEFERRED})
"""Decisions that must end."""


class BadDecisionError(ValueError):
    """The decision cannot be taken like this; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision as somebody took it; ``until`` is when it ends by itself."""

    state: Decision
    reason: str
    until: datetime | None = None


def effective(decided: Decision, exception_id: str | None) -> Decision:
    """Return how the finding is treated: a person's excuse counts first, then an exception, then the rest."""
    if decided in EXCUSED or exception_id is None:
        return decided
    return Decision.EXCEPTED


def check_ruling(
    ruling: Ruling, affected: Mapping[RiskClass, int], acceptance: AcceptancePolicy, now: datetime
) -> None:
    """Raise :class:`BadDecisionError` unless the policy allows the ruling for findings of the ``affected`` classes."""
    if ruling.state is Decision.EXCEPTED:
        raise BadDecisionError("'excepted' follows from an exception file; decide 'accepted', or write such a file")
    if ruling.until is None:
        if ruling.state in TIMED:
            raise BadDecisionError(f"'{ruling.state}' must end: give `until`, a time with its time zone")
        return
    if ruling.state not in EXCUSED:
        raise BadDecisionError(f"'{ruling.state}' does not end by itself: leave `until` out")
    if ruling.until <= now:
        raise BadDecisionError("`until` is in the past: give a time that is still to come")
    if ruling.state in TIMED:
        _check_length(ruling, [risk_class for risk_class, number in affected.items() if number], acceptance, now)


def _check_length(ruling: Ruling, affected: list[RiskClass], acceptance: AcceptancePolicy, now: datetime) -> None:
    until = ruling.until or now
    for risk_class in sorted(affected, key=lambda risk_class: acceptance.maximum[risk_class]):
        longest = acceptance.maximum[risk_class]
        # A minute of grace: whoever computes "in 30 days" does so before the request arrives.
        if until - now > longest + timedelta(minutes=1):
            raise BadDecisionError(
                f"the policy allows '{ruling.state}' for {write_duration(longest)} at most where the class is "
                f"'{risk_class}': give `until` no later than {(now + longest).isoformat(timespec='seconds')}"
            )
