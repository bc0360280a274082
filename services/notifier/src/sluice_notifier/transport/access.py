"""Who may do what, and to which assets."""

from typing import Annotated

from fastapi import Depends

from sluice_notifier.domain.globs import to_regex
from sluice_notifier.errors import restricted_token
from sluice_shared.auth import Principal, Scope, require

Reader = Annotated[Principal, Depends(require(Scope.READ))]


async def _unrestricted(principal: Annotated[Principal, Depends(require(Scope.WRITE))]) -> Principal:
    if principal.assets:
        raise restricted_token()
    return principal


Writer = Annotated[Principal, Depends(_unrestricted)]
"""A caller who may write, and whose token is for all assets: what is written here concerns all of them."""


def asset_patterns(principal: Principal) -> tuple[str, ...]:
    """Return regular expressions for the assets that the token covers; none means all."""
    return tuple(to_regex(glob) for glob in principal.assets)
