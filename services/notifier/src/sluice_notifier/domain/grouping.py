"""Groups: alerts that go out as one message."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from sluice_notifier.domain.labels import Labels, shown
from sluice_notifier.domain.quiet_hours import QuietHours

_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Group:
    """What the alerts of a message have in common; ``key`` is a digest of it."""

    key: str
    labels: Mapping[str, str]


def group_by(labels: Labels, names: Iterable[str]) -> Group:
    """Return the group of an alert by these of its labels."""
    return _group({name: shown(labels, name) for name in names})


def group_by_fix(labels: Labels) -> Group:
    """Return the group of an alert at a receiver that keeps tickets: one ticket per asset and fix.

    A finding for which nobody named a fix gets a ticket of its own.
    """
    name = "fix_action" if labels.get("fix_action") else "finding"
    return _group({"asset": shown(labels, "asset"), name: shown(labels, name)})


def group_of_digest() -> Group:
    """Return the group of what was too much for a receiver."""
    return _group({"sluice": "digest"})


def first_send_at(
    now: datetime,
    *,
    wait: timedelta,
    interval: timedelta,
    last_sent_at: datetime | None,
    quiet: Iterable[QuietHours] = (),
) -> datetime:
    """Return when a group's next message may go out: after the wait, the interval since the last, and quiet hours."""
    at = now + wait
    if last_sent_at is not None:
        at = max(at, last_sent_at + interval)
    hours = list(quiet)
    for _ in hours:  # one set's end may lie in another
        at = max((h.end_after(at) for h in hours), default=at)
    return at


def _group(labels: Mapping[str, str]) -> Group:
    # Length-prefixed by JSON, and sorted: the order in which routes.yaml lists the labels does not matter.
    canonical = orjson.dumps(labels, option=orjson.OPT_SORT_KEYS)
    return Group(hashlib.blake2b(canonical, digest_size=_KEY_BYTES).hexdigest(), dict(sorted(labels.items())))
