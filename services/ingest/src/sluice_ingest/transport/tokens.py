"""`/v1/tokens`: create, list, revoke and check tokens."""

from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from sluice_ingest.application.create_token import TokenRequest
from sluice_ingest.transport.auth import SCHEMES, ServiceDep, introspector, require
from sluice_ingest.transport.views import NewTokenView, TokenView
from sluice_ingest.transport.wire import wire_bytes
from sluice_shared.auth import Introspection, Principal, Scope
from sluice_shared.contracts.base import UtcTime
from sluice_shared.http import Page, Problem, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1/tokens", tags=["tokens"], dependencies=SCHEMES)
_Admin = Annotated[Principal, Depends(require(Scope.ADMIN))]
_MAX_PAGE = 500
_MAX_FORM = 8192


class NewToken(BaseModel):
    """What a new token is to be."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@-]{0,99}$", description="Names it in lists and reports")
    scopes: list[Scope] = Field(
        min_length=1, description="push: hand in reports; read: query; write: decide, replay; admin: everything"
    )
    assets: list[Annotated[str, Field(max_length=512, pattern=r"^[^\s\x00-\x1f\x7f]+$")]] = Field(
        default_factory=list,
        max_length=100,
        description="Globs over asset keys that it is good for, such as repo:github.com/acme/*; none means all",
    )
    expires_in_days: float | None = Field(default=None, gt=0, description="Days that it lives; for ever when left out")
    expires_at: UtcTime | None = Field(default=None, description="When it ends, in place of expires_in_days")


@router.post("", status_code=status.HTTP_201_CREATED, summary="Create a token")
async def create(wanted: NewToken, service: ServiceDep, principal: _Admin, response: Response) -> NewTokenView:
    """Create a token and return its text, which is shown this once."""
    request = TokenRequest(wanted.name, wanted.scopes, wanted.assets, wanted.expires_in_days, wanted.expires_at)
    token, text = await service.create_token(request, by=principal.name)
    response.headers["Location"] = f"/v1/tokens/{token.id}"
    response.headers["Cache-Control"] = "no-store"
    return NewTokenView(**TokenView.of(token).model_dump(), token=text)


@router.get("", summary="List tokens, newest first")
async def list_page(
    service: ServiceDep,
    _: _Admin,
    revoked: Annotated[bool, Query(description="Whether to list revoked tokens, too")] = False,
    limit: Annotated[int, Query(ge=1, le=_MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(description="next_cursor of the page before")] = None,
) -> Page[TokenView]:
    """Return a page of tokens; never their text."""
    found, before = await service.list_tokens(before=_token_id(cursor), limit=limit, with_revoked=revoked)
    next_cursor = None if before is None else encode_cursor(before)
    return Page(items=[TokenView.of(token) for token in found], next_cursor=next_cursor)


@router.delete("/{token_id}", summary="Revoke a token")
async def revoke(token_id: UUID, service: ServiceDep, principal: _Admin) -> TokenView:
    """Make the token worthless; for requests to ingest within 5 s, for the other services within 30 s."""
    return TokenView.of(await service.revoke_token(token_id, by=principal.name))


@router.post("/introspect", summary="Check a token, for Sluice's own services", dependencies=[Depends(introspector)])
async def introspect(request: Request, service: ServiceDep) -> Introspection:
    """Answer whether a token is good and what for (RFC 7662); the form has the field `token`."""
    form = b"".join([chunk async for chunk in wire_bytes(request, _MAX_FORM)])
    values = parse_qs(form.decode("latin-1"), max_num_fields=10)
    token = values.get("token", [""])[0]
    if not token:
        raise Problem(400, "invalid_request", "The form does not fit", "Send the token in the form field 'token'.")
    return await _introspected(service, token)


async def _introspected(service: ServiceDep, token: str) -> Introspection:
    principal = await service.verifier.verify(token)
    if principal is None:
        return Introspection(active=False)
    return Introspection(
        active=True,
        token_id=principal.id,
        name=principal.name,
        scopes=sorted(principal.scopes),
        assets=list(principal.assets),
        expires_at=await _expiry(service, token),
    )


async def _expiry(service: ServiceDep, token: str) -> datetime | None:
    found = await service.verifier.look_up(token)
    return None if found is None else found.expires_at


def _token_id(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    values = decode_cursor(cursor)
    if len(values) != 1 or not isinstance(values[0], UUID):
        raise Problem(400, "bad_cursor", "The cursor cannot be read", "It belongs to another list; leave it out.")
    return values[0]
