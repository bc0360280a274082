"""Open findings as whoever surveys them by other rules needs them: those that stand alike together."""

# ruff: noqa: S608 - only constants are put into the SQL

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from sluice_shared.db import Record, Tx

_PARTS = 64
LOWEST, HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
SEPARATOR = "\x1f"
LIST_SEPARATOR = "\x1e"
KEYS = (
    "asset_id", "kind", "risk_class", "class_reason", "team", "owner_reason", "tier", "sla_state", "sla_started_at",
    "due_at", "timer_reached", "next_timer_at", "first_seen_at", "opened_at", "decision", "decided", "exception_id",
    "paused_at", "paused_for", "in_package",
)  # fmt: skip
_RATE = """
concat_ws(E'\\x1f', score, known_exploited, severity, facts, array_to_string(identifiers, E'\\x1e'))
"""
_PLACE = """
concat_ws(E'\\x1f', coalesce(path, ''), coalesce(purl, ''), coalesce(package, ''), array_to_string(refs, E'\\x1e'))
"""


class Place(NamedTuple):
    """A place in the order of asset ids and finding ids."""

    asset_id: UUID
    finding_id: UUID


BEGIN, END = Place(LOWEST, LOWEST), Place(HIGHEST, HIGHEST)


async def take_snapshot(tx: Tx) -> None:
    """Let all that the transaction reads be of one moment; the first statement of a transaction."""
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    # A part is grouped in memory rather than on the disk.
    await tx.execute("SET LOCAL work_mem = '64MB'")


def parts() -> Iterator[tuple[Place, Place]]:
    """Yield parts which together are all findings: after the first place, up to the second. Ids are spread evenly."""
    after = BEGIN
    for number in range(1, _PARTS):
        upto = Place(UUID(int=number * 2**128 // _PARTS), LOWEST)
        yield after, upto
        after = upto
    yield after, END


async def part_after(tx: Tx, after: Place, size: int) -> tuple[Place, Place]:
    """Return the part of so many open findings that comes after a place, or of what is left."""
    row = await tx.fetchrow(
        """
        SELECT asset_id, id FROM finding WHERE (asset_id, id) > ($1, $2) AND status = 'open'
        ORDER BY asset_id, id OFFSET $3 LIMIT 1
        """,
        *after,
        size - 1,
    )
    return after, Place(row[0], row[1]) if row else END


async def asset_keys(tx: Tx, part: tuple[Place, Place]) -> dict[UUID, str]:
    """Return the keys of the assets of which a part may have findings."""
    after, upto = part
    rows = await tx.fetch(
        "SELECT asset_id, key FROM asset WHERE asset_id BETWEEN $1 AND $2", after.asset_id, upto.asset_id
    )
    return {row["asset_id"]: row["key"] for row in rows}


async def standing(tx: Tx, part: tuple[Place, Place], *, rates: bool, places: bool, ids: bool) -> list[Record]:
    """Return the open findings of a part, those together whose clocks and owners are the same.

    Beside :data:`KEYS` a row has their ``number``, and each null unless asked for and in the same order, ``rates``, a
    text for each finding (score, whether KEV has it, severity, facts, identifiers), ``places`` (path, purl, package,
    refs) and ``ids``.
    """
    rate = f"array_agg({_RATE})" if rates else "NULL::text[]"
    place = f"array_agg({_PLACE})" if places else "NULL::text[]"
    named = "array_agg(id)" if ids else "NULL::uuid[]"
    return await tx.fetch(
        f"""
        SELECT {", ".join(KEYS)}, count(*) AS number, {rate} AS rates, {place} AS places, {named} AS ids FROM (
            SELECT *, package IS NOT NULL OR purl IS NOT NULL AS in_package FROM finding
            WHERE (asset_id, id) > ($1, $2) AND (asset_id, id) <= ($3, $4) AND status = 'open'
        ) AS open GROUP BY {", ".join(str(number) for number in range(1, len(KEYS) + 1))}
        """,
        *part[0],
        *part[1],
    )
