"""Assets, and what has been scanned of them."""

# ruff: noqa: S608 - only column names and placeholders are put into the SQL

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from uuid import UUID

from sluice_shared.contracts.events import ScanSummary
from sluice_shared.db import Tx


@dataclass(frozen=True, slots=True)
class AssetRecord:
    """What is kept of an asset besides its times."""

    asset_id: UUID
    key: str
    title: str | None
    team: str
    tier: str
    criticality: str
    exposure: str
    environment: str | None
    data_class: str | None
    tags: list[str]


_COLUMNS = [field.name for field in fields(AssetRecord)]
_CHANGEABLE = _COLUMNS[2:]


async def hold_asset(
    tx: Tx, asset: AssetRecord, scanned_at: datetime | None, *, former_keys: Sequence[str] = (), renamed_times: int = 0
) -> tuple[datetime, str]:
    """Create or renew the asset and hold its row until the transaction ends.

    Return the database's time, and what the asset is called now.

    Whoever inserts findings of an asset holds its row, so that a finding that is not there cannot appear meanwhile.
    """
    names = ", ".join(_COLUMNS)
    values = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))
    # A late event may know the asset by a key that it had before.
    renewed = ", ".join(
        f"{name} = CASE WHEN excluded.renames >= asset.renames THEN excluded.{name} ELSE asset.{name} END"
        for name in ("key", "aliases", *_CHANGEABLE)
    )
    scanned, aliases, renames = (f"${len(_COLUMNS) + number}" for number in (1, 2, 3))
    row = await tx.fetchrow(
        f"""
        INSERT INTO asset ({names}, first_seen_at, last_scan_at, aliases, renames)
        VALUES ({values}, now(), {scanned}, {aliases}, {renames})
        ON CONFLICT (asset_id) DO UPDATE
        SET {renewed}, last_scan_at = greatest(asset.last_scan_at, excluded.last_scan_at),
            renames = greatest(asset.renames, excluded.renames)
        RETURNING now() AS now, key
        """,
        *astuple(asset),
        scanned_at,
        list(former_keys),
        renamed_times,
    )
    # An upsert without a condition always returns its row.
    assert row is not None  # noqa: S101
    return row["now"], row["key"]


async def is_renamed(tx: Tx, asset_id: UUID, renames: int) -> bool:
    """Tell whether the asset is known by an earlier key than that of its rename number ``renames``."""
    return bool(await tx.fetchval("SELECT renames < $2 FROM asset WHERE asset_id = $1", asset_id, renames))


async def renew_assets(tx: Tx, assets: Sequence[AssetRecord]) -> int:
    """Write what the catalogue says now of these assets; return how many had to change."""
    staged = [astuple(asset) for asset in assets]
    names = ", ".join(_COLUMNS)
    await tx.execute(f"CREATE TEMP TABLE staged_asset ON COMMIT DROP AS SELECT {names} FROM asset WITH NO DATA")
    await tx.copy("staged_asset", _COLUMNS, staged)
    changed = ", ".join(f"{name} = s.{name}" for name in _CHANGEABLE)
    old, new = (", ".join(f"{table}.{name}" for name in _CHANGEABLE) for table in ("a", "s"))
    tag = await tx.execute(
        f"""
        WITH held AS (
            SELECT a.asset_id FROM asset a JOIN staged_asset s USING (asset_id)
            WHERE ({old}) IS DISTINCT FROM ({new}) ORDER BY a.asset_id FOR UPDATE OF a
        )
        UPDATE asset a SET {changed} FROM staged_asset s JOIN held USING (asset_id) WHERE a.asset_id = s.asset_id
        """
    )
    return int(tag.rpartition(" ")[2])


async def asset_keys(tx: Tx) -> dict[UUID, str]:
    """Return what every asset is called now."""
    return {row["asset_id"]: row["key"] for row in await tx.fetch("SELECT asset_id, key FROM asset ORDER BY key")}


async def record_coverage(tx: Tx, asset_id: UUID, scans: Sequence[ScanSummary]) -> None:
    """Note when these scans looked: the latest success of each scanner, kind and ref, and no time where all failed."""
    latest: dict[tuple[str, str, str], ScanSummary] = {}
    for scan in scans:
        for kind in [kind.value for kind in scan.kinds] or [""]:
            key = (scan.scanner, kind, scan.ref)
            if key not in latest or _order(latest[key]) < _order(scan):
                latest[key] = scan
    if not latest:
        return
    keys = sorted(latest)
    await tx.execute(
        """
        INSERT INTO coverage (asset_id, scanner, kind, ref, commit, last_scan_at)
        SELECT $1, s.scanner, s.kind, s.ref, s.commit, s.at
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
            AS s (scanner, kind, ref, commit, at)
        ON CONFLICT (asset_id, scanner, kind, ref) DO UPDATE
        SET commit = excluded.commit, last_scan_at = excluded.last_scan_at
        WHERE excluded.last_scan_at > coalesce(coverage.last_scan_at, '-infinity')
        """,
        asset_id,
        [key[0] for key in keys],
        [key[1] for key in keys],
        [key[2] for key in keys],
        [latest[key].commit for key in keys],
        [latest[key].scanned_at if latest[key].successful else None for key in keys],
    )


def _order(scan: ScanSummary) -> tuple[bool, datetime]:
    return scan.successful, scan.scanned_at
