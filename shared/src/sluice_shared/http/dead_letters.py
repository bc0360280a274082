"""Events that were set apart, over HTTP: listed, shown, replayed, dropped. The same in every service.

All services share one bus, so each shows the dead letters of all topics.
"""

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from sluice_shared.auth import Principal, Scope, require
from sluice_shared.bus import Bus, DeadLetterMissingError, StoredDeadLetter
from sluice_shared.contracts.topics import BY_NAME, Topic
from sluice_shared.http.problem import Problem
from sluice_shared.logging import get_logger

log = get_logger(__name__)
router = APIRouter(tags=["dead letters"])
Admin = Annotated[Principal, Depends(require(Scope.ADMIN))]
MOST = 1000


class DeadLetterView(BaseModel):
    """A dead letter without its event."""

    topic: str
    id: str = Field(description="Names it within its topic")
    group: str = Field(description="The consumers that could not handle it")
    reason: str = Field(description="Why: undecodable, delivery_cap, or what the consumer rejects for")
    detail: str
    attempts: int = Field(description="Deliveries, the last included")
    at: datetime = Field(description="When it was set apart")
    message_id: str = Field(description="The id that it had on its stream")


class FullDeadLetterView(DeadLetterView):
    """A dead letter with its event."""

    headers: dict[str, str]
    event: Any = Field(description="The event, as JSON where it is JSON, else as text; base64 where it is no text")


class DeadLetters(BaseModel):
    """Dead letters, the newest first."""

    items: list[DeadLetterView]


@router.get("/v1/dead-letters", summary="List events that were set apart")
async def list_dead_letters(
    request: Request,
    _: Admin,
    topic: Annotated[str | None, Query(description="Only those of this topic")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> DeadLetters:
    """Return the newest dead letters of one topic or of all."""
    stored = await _bus(request).dead_letters(None if topic is None else _topic(topic), limit)
    return DeadLetters(items=[DeadLetterView(**_summary(one)) for one in stored])


@router.get("/v1/dead-letters/{topic}/{letter_id}", summary="Show an event that was set apart")
async def show_dead_letter(request: Request, _: Admin, topic: str, letter_id: str) -> FullDeadLetterView:
    """Return one dead letter with its event."""
    try:
        stored = await _bus(request).dead_letter(_topic(topic), letter_id)
    except DeadLetterMissingError as error:
        raise _missing(error) from error
    return FullDeadLetterView(**_summary(stored), headers=stored.letter.headers, event=_event(stored.letter.payload))


@router.post("/v1/dead-letters/{topic}/{letter_id}", status_code=202, summary="Replay an event that was set apart")
async def replay_dead_letter(request: Request, principal: Admin, topic: str, letter_id: str) -> DeadLetterView:
    """Publish the event again where it came from, and forget the dead letter."""
    bus, of = _bus(request), _topic(topic)
    try:
        stored = await bus.dead_letter(of, letter_id)
        await bus.replay(of, letter_id)
    except DeadLetterMissingError as error:
        raise _missing(error) from error
    log.info("dead letter replayed", topic=topic, id=letter_id, by=principal.name)
    return DeadLetterView(**_summary(stored))


@router.delete("/v1/dead-letters/{topic}/{letter_id}", status_code=204, summary="Drop an event that was set apart")
async def drop_dead_letter(request: Request, principal: Admin, topic: str, letter_id: str) -> Response:
    """Forget the dead letter. What it was about stays due with its owner, as far as it is."""
    try:
        await _bus(request).drop(_topic(topic), letter_id)
    except DeadLetterMissingError as error:
        raise _missing(error) from error
    log.info("dead letter dropped", topic=topic, id=letter_id, by=principal.name)
    return Response(status_code=204)


def _bus(request: Request) -> Bus:
    bus: Bus = request.app.state.runtime.bus
    return bus


def _topic(name: str) -> Topic:
    if name in BY_NAME:
        return BY_NAME[name]
    raise Problem(
        404, "unknown_topic", "There is no such topic", f"No topic is named {name!r}; there are {', '.join(BY_NAME)}."
    )


def _missing(error: DeadLetterMissingError) -> Problem:
    return Problem(404, "unknown_dead_letter", "There is no such dead letter", f"{error}.")


def _summary(stored: StoredDeadLetter) -> dict[str, Any]:
    letter = stored.letter
    return {
        "topic": stored.topic.name,
        "id": stored.id,
        **letter.model_dump(include={"group", "reason", "detail", "attempts", "at", "message_id"}),
    }


def _event(payload: Any) -> Any:
    try:
        return orjson.loads(payload)
    except (orjson.JSONDecodeError, TypeError):
        return payload
