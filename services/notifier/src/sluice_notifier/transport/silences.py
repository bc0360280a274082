"""HTTP: silences."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sluice_notifier.application.clock import Clock
from sluice_notifier.application.create_silence import CreateSilence, NewSilence
from sluice_notifier.application.expire_silence import ExpireSilence
from sluice_notifier.application.list_silences import ListSilences
from sluice_notifier.domain.matching import MatcherText
from sluice_notifier.domain.silence import Silence
from sluice_notifier.transport.access import Reader, Writer
from sluice_notifier.transport.paging import Cursor, Limit, id_in, next_cursor
from sluice_shared.contracts.base import UtcTime
from sluice_shared.http import Page, Problem

LONGEST = timedelta(days=366)
_MOST_MATCHERS = 32


class SilenceRequest(BaseModel):
    """For how long nobody is told of which alerts, and why."""

    model_config = ConfigDict(extra="forbid")

    matchers: list[MatcherText] = Field(
        min_length=1,
        max_length=_MOST_MATCHERS,
        description="All of them must hold; as in routes.yaml",
        examples=[["team = payments", 'level =~ "warned|breached"']],
    )
    starts_at: UtcTime | None = Field(default=None, description="Now, when left out")
    ends_at: UtcTime
    created_by: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="The person; the token's name when left out"
    )
    comment: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("ends_at is not after starts_at; a silence has to last")
        return self


class SilenceView(BaseModel):
    """A silence."""

    id: UUID
    state: Literal["pending", "active", "expired"]
    matchers: list[str]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    created_at: datetime

    @classmethod
    def of(cls, silence: Silence, now: datetime) -> Self:
        """Return the view of a silence."""
        return cls(
            id=silence.id,
            state=silence.state(now),
            matchers=list(silence.matchers),
            starts_at=silence.starts_at,
            ends_at=silence.ends_at,
            created_by=silence.created_by,
            comment=silence.comment,
            created_at=silence.created_at,
        )


def silences_router(create: CreateSilence, list_page: ListSilences, expire: ExpireSilence, clock: Clock) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/silences", tags=["silences"])

    @router.post("", status_code=201, summary="Silence alerts for a while")
    async def create_silence(principal: Writer, body: SilenceRequest) -> SilenceView:
        """Mute what fits. It is kept in the delivery log as `silenced`; nothing is lost without a trace."""
        now = clock()
        if body.ends_at <= now or body.ends_at - (body.starts_at or now) > LONGEST:
            raise Problem(
                422,
                "bad_silence",
                "The silence cannot be",
                f"ends_at has to be in the future, and at most {LONGEST.days} days after the start.",
            )
        new = NewSilence(tuple(body.matchers), body.starts_at, body.ends_at, body.created_by, body.comment)
        return SilenceView.of(await create(new, token=principal.name), clock())

    @router.get("", summary="List silences, newest first")
    async def list_silences(
        _: Reader,
        expired: Annotated[bool, Query(description="Those that have ended too")] = False,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[SilenceView]:
        """Without `expired` only what holds now or will."""
        page, following = await list_page(before=id_in(cursor), only_current=not expired, limit=limit)
        now = clock()
        return Page(items=[SilenceView.of(one, now) for one in page], next_cursor=next_cursor(following))

    @router.delete("/{silence_id}", status_code=204, summary="End a silence now")
    async def expire_silence(principal: Writer, silence_id: UUID) -> None:
        """End it; it stays in the list of the expired ones."""
        await expire(silence_id, by=principal.name)

    return router
