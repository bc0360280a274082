"""Hold the assets that keys lead to."""

from collections.abc import Iterable
from uuid import UUID

from sluice_normaliser.storage import names
from sluice_shared.db import Tx


async def lock_assets(tx: Tx, keys: Iterable[str]) -> dict[str, UUID]:
    """Return the asset of each key, and hold them until the transaction ends.

    An asset may be renamed while its lock is waited for: then its key may lead elsewhere, and that is held as well.
    """
    wanted = list(keys)
    held: set[UUID] = set()
    while True:
        found = await names.resolve(tx, wanted)
        missing = sorted(set(found.values()) - held)
        if not missing:
            return found
        for asset_id in missing:
            await tx.lock("asset", str(asset_id))
        held.update(missing)
