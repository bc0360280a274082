"""See to it that the first access is possible: an admin token with the text that the settings give."""

from pydantic import SecretStr

from sluice_ingest.application.clock import Clock
from sluice_ingest.storage import tokens
from sluice_shared.auth import Scope, token_digest
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

_SHORT = 20
_SHOWN_DIGITS = 8

log = get_logger(__name__)


class EnsureBootstrapToken:
    """The use case; called at every start."""

    def __init__(self, database: Database, text: SecretStr | None, clock: Clock) -> None:
        self._database = database
        self._text = text
        self._clock = clock

    async def __call__(self) -> None:
        """Store it, or make it good again; raises Unavailable."""
        text = self._text.get_secret_value() if self._text else ""
        if not text:
            return
        if len(text) < _SHORT:
            log.warning("SLUICE_BOOTSTRAP_TOKEN is short enough to be guessed", shorter_than=_SHORT)
        digest = token_digest(text)

        async def work(tx: Tx) -> None:
            await tokens.ensure(
                tx,
                token_id=new_id(),
                digest=digest,
                name=f"bootstrap-{digest[:_SHOWN_DIGITS]}",
                scopes=[Scope.ADMIN.value],
                now=self._clock(),
            )

        await self._database.run(work)
