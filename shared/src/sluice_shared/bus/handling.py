"""What becomes of a delivery: decode it, have it handled, and say how that ended."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from sluice_shared.bus.delivery import Delivery, Handler
from sluice_shared.errors import Reject, Unavailable
from sluice_shared.logging import get_logger
from sluice_shared.tracing import continue_from

UNDECODABLE = "undecodable"
DELIVERY_CAP = "delivery_cap"
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 10.0
_ERRORS_SHOWN = 5

log = get_logger(__name__)


class Outcome(StrEnum):
    """How a delivery ended; also a metric's label."""

    DONE = "done"
    DEAD = "dead_letter"
    FAILED = "failed"
    HANDED_BACK = "handed_back"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome; ``reason`` (from a closed set) and ``detail`` (for people) are those of the dead letter."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""


async def handle(handler: Handler, body: bytes, delivery: Delivery, stopping: asyncio.Event) -> Verdict:
    """Hand the event to the handler, again and again while a dependency is away, and judge how it ended."""
    topic = delivery.topic
    if delivery.attempt > topic.delivery_cap:
        return Verdict(Outcome.DEAD, DELIVERY_CAP, "each of the earlier deliveries ended without an answer")
    with continue_from(delivery.headers, f"{topic.name} consume"):
        try:
            event = topic.event.model_validate_json(body)
        except ValidationError as error:
            return Verdict(Outcome.DEAD, UNDECODABLE, _explain(error))
        try:
            return await _until_available(handler, event, delivery, stopping)
        except Reject as reject:
            return Verdict(Outcome.DEAD, reject.reason, reject.detail)
        except Exception as error:
            # Whatever a handler trips over must not end the reading; the delivery cap bounds how often it may.
            log.exception("handler failed", topic=topic.name, message_id=delivery.message_id, attempt=delivery.attempt)
            if delivery.attempt >= topic.delivery_cap:
                return Verdict(Outcome.DEAD, DELIVERY_CAP, f"{type(error).__name__}: {error}")
            return Verdict(Outcome.FAILED)


async def _until_available(handler: Handler, event: object, delivery: Delivery, stopping: asyncio.Event) -> Verdict:
    wait = _FIRST_WAIT
    while not stopping.is_set():
        try:
            await handler(event, delivery)
        except Unavailable as away:
            log.warning(
                "handler waits for a dependency",
                topic=delivery.topic.name,
                what=away.what,
                error=away.detail,
                wait=wait,
            )
            await _sleep(wait, stopping)
            wait = min(wait * 2, _LONGEST_WAIT)
        else:
            return Verdict(Outcome.DONE)
    return Verdict(Outcome.HANDED_BACK)


async def _sleep(seconds: float, stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


def _explain(error: ValidationError) -> str:
    """Say what is wrong with an event without repeating its values, which may be anything."""
    shown = error.errors(include_url=False, include_input=False, include_context=False)[:_ERRORS_SHOWN]
    lines = [f"{'.'.join(map(str, problem['loc'])) or 'event'}: {problem['msg']}" for problem in shown]
    more = error.error_count() - len(shown)
    return "; ".join(lines) + (f"; and {more} more" if more else "")
