"""Daily snapshots of the index, by group; the row of the present day is renewed until the day is over."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson

from sluice_risk_index.domain.measures import Flow, Level, Measures, Spread, Standing
from sluice_risk_index.storage.measures import Key
from sluice_shared.db import Record, Tx

_COLUMNS = ("level", "name", "day", "at", "open", "index", "measures")


async def due(tx: Tx, every: timedelta) -> datetime | None:
    """Return the database's time when the present snapshot is older than ``every``, and hold it; else None.

    Of several replicas one gets it.
    """
    if not await tx.try_lock("snapshot-index"):
        return None
    now: datetime | None = await tx.fetchval(
        """
        SELECT now() WHERE NOT EXISTS (
            SELECT FROM snapshot WHERE level = 'all' AND day = (now() AT TIME ZONE 'UTC')::date
                AND at > now() - $1::interval)
        """,
        every,
    )
    return now


async def write(tx: Tx, measured: Mapping[Key, Measures], now: datetime) -> None:
    """Write the snapshot of the day, in place of an earlier one of the same day."""
    day = now.date()
    await tx.execute("DELETE FROM snapshot WHERE day = $1", day)
    rows = [
        (level.value, name, day, now, each.standing.open, each.standing.index, _to_json(each))
        for (level, name), each in measured.items()
    ]
    await tx.copy("snapshot", _COLUMNS, rows)


async def prune(tx: Tx, days: int) -> None:
    """Forget snapshots that are older than so many days."""
    await tx.execute("DELETE FROM snapshot WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int", days)


async def latest(tx: Tx, level: Level) -> dict[str, tuple[datetime, Measures]]:
    """Return the latest measures of each group of a level, by name, each with the time of measuring."""
    rows = await tx.fetch(
        """
        SELECT name, at, measures FROM snapshot
        WHERE level = $1 AND day = (SELECT max(day) FROM snapshot WHERE level = 'all')
        """,
        level.value,
    )
    return {row["name"]: (row["at"], _of_json(row["measures"])) for row in rows}


async def trend(tx: Tx, level: Level, name: str, days: int) -> list[tuple[Record, Measures]]:
    """Return a group's snapshots of the last days, the present one included, the oldest first."""
    rows = await tx.fetch(
        """
        SELECT day, at, measures FROM snapshot
        WHERE level = $1 AND name = $2 AND day > (now() AT TIME ZONE 'UTC')::date - $3::int ORDER BY day
        """,
        level.value,
        name,
        days,
    )
    return [(row, _of_json(row["measures"])) for row in rows]


def _to_json(measures: Measures) -> str:
    return orjson.dumps(asdict(measures)).decode()


def _of_json(text: str) -> Measures:
    known: dict[str, Any] = orjson.loads(text)
    standing, flow = known["standing"], known["flow"]
    if standing["oldest_at"] is not None:
        standing["oldest_at"] = datetime.fromisoformat(standing["oldest_at"])
    for times in ("mttr", "mttd"):
        flow[times] = {name: Spread(**spread) for name, spread in flow[times].items()}
    return Measures(Standing(**standing), Flow(**flow))
