"""Create a token; its text is shown once and never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sluice_ingest.application.clock import Clock
from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.tokens import Token, expiry
from sluice_ingest.storage import tokens
from sluice_shared.auth import Scope, new_token
from sluice_shared.contracts.ids import new_id
from sluice_shared.db import Database
from sluice_shared.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a new token is to be; `expires_in_days` and `expires_at` exclude each other, neither means never."""

    name: str
    scopes: Sequence[Scope]
    assets: Sequence[str]
    expires_in_days: float | None = None
    expires_at: datetime | None = None


class CreateToken:
    """The use case."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, wanted: TokenRequest, *, by: str) -> tuple[Token, str]:
        """Return the token and its text. Raises Refused (bad_parameter, token_name_taken), Unavailable."""
        now = self._clock()
        expires_at = expiry(now, expires_in_days=wanted.expires_in_days, expires_at=wanted.expires_at)
        text, digest = new_token()
        async with self._database.transaction() as tx:
            token = await tokens.insert(
                tx,
                token_id=new_id(),
                digest=digest,
                name=wanted.name,
                scopes=sorted({scope.value for scope in wanted.scopes}),
                assets=list(dict.fromkeys(wanted.assets)),
                created_at=now,
                created_by=by,
                expires_at=expires_at,
            )
        if token is None:
            raise Refused(
                Refusal.TOKEN_NAME_TAKEN,
                f"There is already a token named '{wanted.name}'; choose another name, or revoke that one first",
            )
        log.info("credential created", name=token.name, scopes=token.scopes, assets=token.assets, by=by)
        return token, text
