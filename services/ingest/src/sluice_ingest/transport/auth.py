"""Who asks: a token as Bearer, or as the password of Basic for clients that know nothing else."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBearer

from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.transport.service import Service, service_of
from sluice_shared.auth import Principal, Scope, constant_time_equal

# They only show in the OpenAPI document; the header is read below.
_BEARER = HTTPBearer(auto_error=False, description="A Sluice token: slu_…")
_BASIC = HTTPBasic(auto_error=False, description="For old clients: any user name, and the token as password")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")

ServiceDep = Annotated[Service, Depends(service_of)]


def require(*scopes: Scope) -> Callable[..., Awaitable[Principal]]:
    """Make a dependency that returns the caller, whose token must have one of the scopes; raises Refused."""

    async def authenticate(request: Request, service: ServiceDep) -> Principal:
        token = token_of(request)
        if token is None:
            raise Refused(Refusal.MISSING_TOKEN, "No token was sent; send the header 'Authorization: Bearer slu_…'")
        principal = await service.verifier.authenticate(token)
        request.scope["sluice.principal"] = principal.name
        if not any(principal.allows(scope) for scope in scopes):
            has, needed = ", ".join(sorted(principal.scopes)) or "none", " or ".join(scopes)
            raise Refused(
                Refusal.MISSING_SCOPE,
                f"The token '{principal.name}' has the scopes {has}, and this needs {needed}; "
                "use a token with that scope",
                required_scope=scopes[0].value,
            )
        return principal

    return authenticate


async def introspector(request: Request, service: ServiceDep) -> None:
    """Let in only services that know SLUICE_SECRET_KEY; raises Refused."""
    credential = token_of(request)
    if credential is None or not constant_time_equal(credential, service.introspection_credential):
        raise Refused(
            Refusal.BAD_TOKEN,
            "Only Sluice's own services may ask about tokens; SLUICE_SECRET_KEY must be the same for all of them",
        )


def token_of(request: Request) -> str | None:
    """Return the token that the Authorization header carries, if any."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        value = _password(value)
    elif scheme.lower() != "bearer":
        return None
    return value if _PRINTABLE.fullmatch(value) else None


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


SCHEMES = [Depends(_BEARER), Depends(_BASIC)]
"""Dependencies of the routers that take tokens, for the OpenAPI document."""
