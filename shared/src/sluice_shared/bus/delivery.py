"""What a handler is told beside the event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sluice_shared.contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of an event to a consumer. ``attempt`` is 1 for the first; ``headers`` carry the trace context."""

    topic: Topic
    group: str
    message_id: str
    attempt: int
    headers: dict[str, str]


Handler = Callable[[Any, Delivery], Awaitable[None]]
"""Takes an event of the topic's model. Raises Unavailable (asked again in place), Reject (dead letter), or anything."""


SetApart = Callable[[Any, str, str], Awaitable[None]]
"""Takes an event that becomes a dead letter, the reason and the detail; what was waiting for it can be told so.

It comes before the event is set apart, and again when that fails: it must be idempotent. Raises Unavailable.
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service asked to be handed. At most ``max_at_once`` handlers run at a time in this process."""

    topic: Topic
    group: str
    handler: Handler
    max_at_once: int
    set_apart: SetApart | None = None
