"""Which assets a caller may see."""

from collections.abc import Sequence
from uuid import UUID

from sluice_risk_index.storage import portfolio
from sluice_shared.auth import Principal
from sluice_shared.db import Tx

Visible = Sequence[UUID] | None
"""Ids of the assets that a caller may see; None for all."""


async def visible_assets(tx: Tx, principal: Principal) -> Visible:
    """Return the assets that the caller's token is good for."""
    if not principal.assets:
        return None
    return [row["asset_id"] for row in await portfolio.visible_assets(tx) if principal.covers(row["key"])]
