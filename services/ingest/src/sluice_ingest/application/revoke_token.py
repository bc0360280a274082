"""Revoke a token."""

from uuid import UUID

from sluice_ingest.application.clock import Clock
from sluice_ingest.application.verify_token import TokenVerifier
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.tokens import Token
from sluice_ingest.storage import tokens
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


class RevokeToken:
    """The use case; revoking twice is as good as once."""

    def __init__(self, database: Database, verifier: TokenVerifier, clock: Clock) -> None:
        self._database = database
        self._verifier = verifier
        self._clock = clock

    async def __call__(self, token_id: UUID, *, by: str) -> Token:
        """Return the revoked token. Raises Refused (unknown_token), Unavailable."""
        async with self._database.transaction() as tx:
            token = await tokens.revoke(tx, token_id, now=self._clock())
        if token is None:
            raise Refused(Refusal.UNKNOWN_TOKEN, f"There is no token {token_id}; GET /v1/tokens lists them")
        self._verifier.forget()
        log.info("credential revoked", name=token.name, by=by)
        return token
