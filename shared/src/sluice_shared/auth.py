"""Who asks, and what they may do: opaque tokens with scopes, checked by ingest (RFC 6750, RFC 7662)."""

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

import httpx
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, SecretStr, ValidationError

from sluice_shared.errors import Unavailable
from sluice_shared.http.problem import Problem
from sluice_shared.tracing import inject

TOKEN_PREFIX = "slu_"  # noqa: S105 - how a token begins
_MAX_TOKEN = 512
_POSITIVE_SECONDS = 30.0
_NEGATIVE_SECONDS = 5.0
_CACHE_SIZE = 10_000
_INTROSPECTION_LABEL = b"sluice introspection v1"
V = TypeVar("V")


class Scope(StrEnum):
    """What a token allows. `admin` includes all others, `write` includes `read`."""

    PUSH = "push"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whose token it is. `assets` are globs over asset keys; none means all."""

    id: UUID
    name: str
    scopes: frozenset[Scope]
    assets: tuple[str, ...] = ()

    def allows(self, scope: Scope) -> bool:
        """Tell whether the token has this scope, by itself or through a wider one."""
        if scope in self.scopes or Scope.ADMIN in self.scopes:
            return True
        return scope is Scope.READ and Scope.WRITE in self.scopes

    def covers(self, asset: str) -> bool:
        """Tell whether the token is good for this asset key; case counts."""
        return not self.assets or any(fnmatchcase(asset, glob) for glob in self.assets)

    def may_push(self, asset: str) -> bool:
        """Tell whether the token may push reports of this asset."""
        return self.allows(Scope.PUSH) and self.covers(asset)


class Verifier(Protocol):
    """Turns a token into whose it is."""

    async def verify(self, token: str) -> Principal | None:
        """Return the principal, or None when the token is unknown, revoked or expired; raises `Unavailable`."""
        ...


def new_token() -> tuple[str, str]:
    """Make a token: its text, to be shown once, and its SHA-256 in hex, to be stored."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return token, token_digest(token)


def token_digest(token: str) -> str:
    """SHA-256 of a token in hex; a token is random enough that it needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def constant_time_equal(left: str | bytes, right: str | bytes) -> bool:
    """Compare two secrets without telling by the time it takes where they differ."""
    return hmac.compare_digest(_as_bytes(left), _as_bytes(right))


def introspection_credential(secret_key: str | bytes | SecretStr) -> str:
    """Credential, in hex, with which one service asks ingest about a token: HMAC-SHA-256 with `SLUICE_SECRET_KEY`."""
    key = secret_key.get_secret_value() if isinstance(secret_key, SecretStr) else secret_key
    return hmac.new(_as_bytes(key), _INTROSPECTION_LABEL, hashlib.sha256).hexdigest()


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


class Introspection(BaseModel):
    """What ingest answers at `POST /v1/tokens/introspect` (RFC 7662, section 2.2)."""

    active: bool
    token_id: UUID | None = None
    name: str = ""
    scopes: list[Scope] = []
    assets: list[str] = []
    expires_at: datetime | None = None


class IntrospectingVerifier:
    """Asks ingest, and remembers: 30 s what is good, 5 s what is not.

    `clock` gives seconds that only grow; `client` is closed by :meth:`stop`.
    """

    def __init__(
        self,
        ingest_url: str,
        secret_key: str | SecretStr,
        *,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{ingest_url.rstrip('/')}/v1/tokens/introspect"
        self._headers = {"Authorization": f"Bearer {introspection_credential(secret_key)}"}
        self._client = client or httpx.AsyncClient(timeout=httpx.Timeout(5.0, connect=2.0), trust_env=False)
        self._clock = clock
        # Apart, so that guesses cannot push out what is good.
        self._good: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._bad: OrderedDict[str, tuple[float, None]] = OrderedDict()

    async def verify(self, token: str) -> Principal | None:
        """Return the token's principal or None; raises `Unavailable` when ingest is away and was not asked lately."""
        if not token or len(token) > _MAX_TOKEN:
            return None
        key, now = token_digest(token), self._clock()
        if (good := self._good.get(key)) and good[0] > now:
            return good[1]
        if (bad := self._bad.get(key)) and bad[0] > now:
            return None
        answer = await self._ask(token)
        lifetime = _POSITIVE_SECONDS
        if answer.expires_at is not None:
            expires = answer.expires_at if answer.expires_at.tzinfo else answer.expires_at.replace(tzinfo=UTC)
            lifetime = min(lifetime, (expires - datetime.now(UTC)).total_seconds())
        self._good.pop(key, None)
        if not answer.active or answer.token_id is None or lifetime <= 0:
            _remember(self._bad, key, (now + _NEGATIVE_SECONDS, None))
            return None
        principal = Principal(answer.token_id, answer.name, frozenset(answer.scopes), tuple(answer.assets))
        _remember(self._good, key, (now + lifetime, principal))
        return principal

    async def stop(self) -> None:
        """Close the connections to ingest."""
        await self._client.aclose()

    async def _ask(self, token: str) -> Introspection:
        try:
            response = await self._client.post(self._url, data={"token": token}, headers={**self._headers, **inject()})
        except httpx.HTTPError as error:
            raise Unavailable("ingest", f"tokens cannot be checked: {type(error).__name__}") from error
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise Unavailable(
                "ingest", "it does not accept this service's credential; SLUICE_SECRET_KEY must be the same everywhere"
            )
        if response.status_code != httpx.codes.OK:
            raise Unavailable("ingest", f"tokens cannot be checked: it answered {response.status_code}")
        try:
            return Introspection.model_validate_json(response.content)
        except ValidationError as error:
            raise Unavailable("ingest", "its answer about a token is not in the expected form") from error


def _remember(cache: OrderedDict[str, V], key: str, value: V) -> None:
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > _CACHE_SIZE:
        cache.popitem(last=False)


_BEARER = HTTPBearer(auto_error=False, description="A Sluice token: slu_…")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def require(scope: Scope) -> Callable[..., Awaitable[Principal]]:
    """Make a dependency that returns the caller: `principal: Annotated[Principal, Depends(require(Scope.READ))]`.

    Raises a 401 or 403 problem. It asks `app.state.runtime.verifier`.
    """

    async def authenticate(
        request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Principal:
        if bearer is None or not _PRINTABLE.fullmatch(bearer.credentials):
            raise _unauthorised("missing_token", "No token was sent; send the header Authorization: Bearer slu_….")
        principal: Principal | None = await request.app.state.runtime.verifier.verify(bearer.credentials)
        if principal is None:
            raise _unauthorised(
                "bad_token", "The token is unknown, revoked or expired; ask an administrator for a new one."
            )
        request.scope["sluice.principal"] = principal.name
        if not principal.allows(scope):
            has = ", ".join(sorted(principal.scopes)) or "none"
            raise Problem(
                403,
                "missing_scope",
                "The token does not allow this",
                f"The token '{principal.name}' has the scopes {has}, and this needs '{scope}'; "
                "use a token with that scope.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
                required_scope=scope.value,
            )
        return principal

    return authenticate


def _unauthorised(code: str, detail: str) -> Problem:
    challenge = 'Bearer realm="sluice"' + (', error="invalid_token"' if code == "bad_token" else "")
    return Problem(401, code, "A valid token is needed", detail, headers={"WWW-Authenticate": challenge})
