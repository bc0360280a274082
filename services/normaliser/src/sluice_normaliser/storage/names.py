"""Queries on what assets are called. An asset's id stays; its keys lead to it, the former ones as the present."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sluice_shared.contracts.assets import asset_id as id_of_asset
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class AssetName:
    """What an asset is called now, what it was called before, and how often that changed."""

    key: str
    aliases: tuple[str, ...]
    renames: int


async def resolve(tx: Tx, keys: Iterable[str]) -> dict[str, UUID]:
    """Return the asset that each key leads to; one that nothing is known of leads to the id that is made from it."""
    wanted = list(keys)
    rows = await tx.fetch(
        "SELECT key, asset_id FROM asset WHERE key = ANY($1::varchar[])"
        " UNION ALL SELECT key, asset_id FROM asset_alias WHERE key = ANY($1::varchar[])",
        wanted,
    )
    known = {row["key"]: row["asset_id"] for row in rows}
    return {key: known.get(key) or id_of_asset(key) for key in wanted}


async def ensure(tx: Tx, asset_id: UUID, key: str) -> None:
    """Make the asset known; one that is known already keeps its name."""
    await tx.execute("INSERT INTO asset (asset_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING", asset_id, key)


async def names(tx: Tx, asset_ids: Iterable[UUID]) -> dict[UUID, AssetName]:
    """Return what known assets are called."""
    rows = await tx.fetch(
        "SELECT a.asset_id, a.key, a.renames, array(SELECT l.key FROM asset_alias l WHERE l.asset_id = a.asset_id"
        " ORDER BY l.key) AS aliases FROM asset a WHERE a.asset_id = ANY($1::uuid[])",
        list(asset_ids),
    )
    return {row["asset_id"]: AssetName(row["key"], tuple(row["aliases"]), row["renames"]) for row in rows}


async def rename(tx: Tx, asset_id: UUID, was: str, key: str) -> None:
    """Call an asset otherwise; its former key goes on leading to it."""
    await tx.execute("DELETE FROM asset_alias WHERE key = $1", key)
    await tx.execute("UPDATE asset SET key = $2, renames = renames + 1 WHERE asset_id = $1", asset_id, key)
    await tx.execute("INSERT INTO asset_alias (key, asset_id) VALUES ($1, $2)", was, asset_id)


async def retire(tx: Tx, asset_id: UUID, name: str, *, successor: UUID) -> None:
    """Take an asset's keys from it, present and former, for another; it keeps a name that no report uses."""
    await tx.execute("UPDATE asset SET key = $2, renames = renames + 1 WHERE asset_id = $1", asset_id, name)
    await tx.execute("UPDATE asset_alias SET asset_id = $2 WHERE asset_id = $1", asset_id, successor)


async def record_rename(
    tx: Tx, asset_id: UUID, was: str, key: str, *, absorbed: UUID | None, action_id: UUID, actor: str, reason: str
) -> None:
    """Note a person's decision; the table is only ever added to."""
    await tx.execute(
        "INSERT INTO asset_rename (asset_id, was, is_now, absorbed, action_id, actor, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        asset_id,
        was,
        key,
        absorbed,
        action_id,
        actor,
        reason,
    )


async def history(tx: Tx, asset_id: UUID) -> list[Any]:
    """Return how an asset was renamed, the latest first."""
    return await tx.fetch(
        "SELECT at, was, is_now AS now, absorbed, actor, reason FROM asset_rename WHERE asset_id = $1 ORDER BY id DESC",
        asset_id,
    )
