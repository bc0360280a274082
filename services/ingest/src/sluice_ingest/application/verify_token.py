"""Turn a token's text into whose it is."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import cast

from sluice_ingest.application.clock import Clock
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.tokens import Token, TokenState
from sluice_ingest.storage import tokens
from sluice_shared.auth import Principal, Scope, token_digest
from sluice_shared.db import Database

_REMEMBERED = timedelta(seconds=3)
"""How long a good token is not looked up again, and so how long a revoked one may still be taken here."""
_CACHE_SIZE = 10_000
_MAX_TOKEN = 512


class TokenVerifier:
    """Looks tokens up by their digest; is the verifier of ingest's runtime."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cache: OrderedDict[str, tuple[datetime, Token]] = OrderedDict()

    async def verify(self, token: str) -> Principal | None:
        """Return the principal, or None when the token is unknown, revoked or expired; raises Unavailable."""
        found = await self.look_up(token)
        if found is None or found.state(self._clock()) is not TokenState.ACTIVE:
            return None
        return principal_of(found)

    async def authenticate(self, token: str) -> Principal:
        """Return the principal, or raise Refused (bad_token, token_expired) with what to do."""
        found = await self.look_up(token)
        state = None if found is None else found.state(self._clock())
        if found is None or state is TokenState.REVOKED:
            raise Refused(Refusal.BAD_TOKEN, "The token is unknown or revoked; ask an administrator for a new one")
        if state is TokenState.EXPIRED:
            expired = cast("datetime", found.expires_at).isoformat(timespec="seconds")
            raise Refused(
                Refusal.TOKEN_EXPIRED,
                f"The token '{found.name}' expired at {expired}; ask an administrator for a new one",
                expired_at=expired,
            )
        return principal_of(found)

    async def look_up(self, token: str) -> Token | None:
        """Return the token as it is stored, good or not; raises Unavailable."""
        if not token or len(token) > _MAX_TOKEN:
            return None
        digest, now = token_digest(token), self._clock()
        remembered = self._cache.get(digest)
        if remembered is not None and remembered[0] > now:
            return remembered[1]
        async with self._database.transaction() as tx:
            found = await tokens.use(tx, digest, now=now)
        if found is None:
            # Not remembered, so that guesses push out nothing.
            self._cache.pop(digest, None)
            return None
        self._cache[digest] = (now + _REMEMBERED, found)
        self._cache.move_to_end(digest)
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return found

    def forget(self) -> None:
        """Look every token up again; for this replica a revocation then acts at once."""
        self._cache.clear()


def principal_of(token: Token) -> Principal:
    """Return who a stored token stands for."""
    return Principal(token.id, token.name, frozenset(Scope(scope) for scope in token.scopes), token.assets)
