"""Silence alerts for a while."""

from dataclasses import dataclass
from datetime import datetime

from sluice_notifier.application.clock import Clock
from sluice_notifier.domain.silence import Silence
from sluice_notifier.storage import silences
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewSilence:
    """A silence as it is asked for; without a start it starts now, without a person it is the token's."""

    matchers: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime
    created_by: str | None
    comment: str


class CreateSilence:
    """The use case."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, new: NewSilence, *, token: str) -> Silence:
        """Keep a silence; ``token`` is the name of the caller's token."""
        now = self._clock()
        silence = Silence(
            id=new_id(),
            matchers=new.matchers,
            starts_at=new.starts_at or now,
            ends_at=new.ends_at,
            created_by=new.created_by or token,
            comment=new.comment,
            created_at=now,
        )
        async with self._database.transaction() as tx:
            await silences.insert(tx, silence, created_with=token)
        log.info("silence created", silence_id=str(silence.id), matchers=list(silence.matchers), by=silence.created_by)
        return silence
