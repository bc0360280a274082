"""Show what a change of key algorithms would do to what is stored. Nothing is written."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sluice_normaliser.application.stored_scopes import stored_scopes
from sluice_normaliser.domain.algorithms import Algorithm, InForce
from sluice_normaliser.domain.forecast import Forecast, forecast
from sluice_normaliser.errors import NoSuchAssetError, NothingToPlanError
from sluice_normaliser.storage import names, shown
from sluice_shared.contracts.finding import Observation
from sluice_shared.db import Database

ENOUGH = 20_000
"""Results after which an answer ends, so that it comes within some seconds; at least one asset is looked at."""
BATCH = 200


class PlanIdentity:
    """The use case; ``force`` are the algorithms that decide now."""

    def __init__(self, database: Database, force: InForce) -> None:
        self._database = database
        self._force = force

    def algorithms(self) -> list[dict[str, Any]]:
        """Return every algorithm by strength, and whether it decides."""
        return [
            {"algorithm": a.label, "shared": a.is_shared, "state": "on" if a in self._force.algorithms else "trial"}
            for a in sorted(Algorithm)
            if a.is_stored
        ]

    async def __call__(
        self, *, asset: str | None, on: Sequence[str], off: Sequence[str], after: str | None, examples: int
    ) -> tuple[dict[str, Any], str | None]:
        """Return what would differ over some assets, as JSON-ready values, and the key behind which to go on.

        With neither ``on`` nor ``off``, everything on trial is switched on. ``examples`` bounds those of each sort.
        Raises UnknownAlgorithmError, NothingToPlanError, NoSuchAssetError, Unavailable.
        """
        then = self._then(on, off)
        newcomers = sorted(int(a) for a in then.algorithms - self._force.algorithms)
        totals: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
        told: dict[str, list[dict[str, Any]]] = {sort: [] for sort in EXAMPLES}
        sizes, more = await self._assets(asset, after)
        last = None
        for size in sizes:
            async with self._database.transaction(read_only=True) as tx:
                rows = await shown.shown(tx, size.asset_id)
                all_scopes, with_keys = await shown.scopes_with_keys(tx, size.asset_id, newcomers)
            found = await asyncio.to_thread(_forecast, rows, self._force, then)
            totals.update(assets=1, scopes=all_scopes, scopes_with_keys=with_keys, results=len(rows))
            totals.update(findings=len({row["finding_id"] for row in rows}), **_counts(found))
            titles = {row["finding_id"]: _title(row["payload"]) for row in rows} if _differs(found) else {}
            _tell(told, found, size.key, titles, examples)
            last = size.key
        answer = {
            "on": [a.label for a in sorted(then.algorithms - self._force.algorithms)],
            "off": [a.label for a in sorted(self._force.algorithms - then.algorithms)],
            "counts": dict(totals),
            "examples": told,
        }
        return answer, last if more else None

    def _then(self, on: Sequence[str], off: Sequence[str]) -> InForce:
        then = self._force.changed(on=on, off=off) if on or off else InForce(frozenset(Algorithm))
        if then == self._force:
            raise NothingToPlanError("no key algorithm is on trial, and nothing that is asked for differs from now")
        return then

    async def _assets(self, key: str | None, after: str | None) -> tuple[list[shown.AssetSize], bool]:
        """Return the assets to look at, and whether there are more behind them."""
        async with self._database.transaction(read_only=True) as tx:
            if key is not None:
                asset_id = (await names.resolve(tx, [key]))[key]
                if asset_id not in (known := await names.names(tx, [asset_id])):
                    raise NoSuchAssetError(key)
                return [shown.AssetSize(asset_id, known[asset_id].key, 0)], False
            sizes = await shown.next_assets(tx, after=after, limit=BATCH)
        taken = list(_enough(sizes))
        return taken, len(taken) < len(sizes) or len(sizes) == BATCH


COUNTS = (
    "assets",
    "scopes",
    "scopes_with_keys",
    "results",
    "findings",
    "joins",
    "parts",
    "opens",
    "closes",
    "next_scan_opens",
    "next_scan_closes",
)
EXAMPLES = ("joins", "parts", "next_scan_opens", "next_scan_closes")


def _forecast(rows: list[Any], now: InForce, then: InForce) -> Forecast:
    return forecast([scope.shown for scope in stored_scopes(rows)], now, then)


def _enough(sizes: Iterable[shown.AssetSize]) -> Iterable[shown.AssetSize]:
    total = 0
    for size in sizes:
        yield size
        total += size.shown
        if total >= ENOUGH:
            return


def _counts(found: Forecast) -> dict[str, int]:
    return {
        "joins": len(found.joins),
        "parts": len(found.parts),
        "opens": found.opens,
        "closes": found.closes,
        "next_scan_opens": len(found.next_opens),
        "next_scan_closes": len(found.next_closes),
    }


def _differs(found: Forecast) -> bool:
    return any(_counts(found).values())


def _tell(
    told: dict[str, list[dict[str, Any]]], found: Forecast, asset: str, titles: dict[UUID, str], most: int
) -> None:
    def named(ids: Iterable[UUID]) -> list[dict[str, Any]]:
        return [{"finding_id": finding_id, "title": titles.get(finding_id)} for finding_id in ids]

    told["joins"] += [
        {"asset": asset, "findings": named(join.finding_ids), "by": list(join.by)} for join in found.joins
    ]
    told["parts"] += [
        {
            "asset": asset,
            "findings": named([part.finding_id]),
            "into": [[" ".join(filter(None, place)) for place in places] for places in part.into],
        }
        for part in found.parts
    ]
    told["next_scan_opens"] += [{"asset": asset, "findings": named([i])} for i in found.next_opens]
    told["next_scan_closes"] += [{"asset": asset, "findings": named([i])} for i in found.next_closes]
    for sort in EXAMPLES:
        del told[sort][most:]


def _title(payload: str) -> str:
    return Observation.model_validate_json(payload).title
