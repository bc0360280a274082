"""Tell what other rules would do to the open findings, without writing anything."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sluice_risk_index.application.survey import Survey
from sluice_risk_index.domain.change import Tally, change_of
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.storage import evidence, planning, recalculations
from sluice_shared.db import Database, Record, Tx

_BREATH = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change if ``proposed`` took the place of ``present`` (versions of rules)."""

    present: str
    proposed: str
    at: datetime
    tally: Tally


class PlanPolicy:
    """Decides by the functions that decide when rules are applied, once for all findings that stand alike.

    So a plan costs what differs between findings, not how many they are. One plan is made at a time.
    """

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force
        self._alone = asyncio.Lock()

    async def __call__(self, proposed: InForce) -> Plan:
        """Plan the change to ``proposed``, of one moment of the database. Raises Unavailable."""
        present = self._in_force()
        async with self._alone, self._database.transaction(read_only=True) as tx:
            await planning.take_snapshot(tx)
            now = await tx.fetchval("SELECT now()")
            applied = await recalculations.is_applied(tx, present.rules.version)
            survey = Survey(proposed, present if applied else None)
            keys = await planning.asset_keys(tx, (planning.BEGIN, planning.END))
            survey.know(keys, await evidence.look_up(tx, keys, ()))
            tally = await _count_all(tx, survey, now)
        return Plan(present.rules.version, proposed.rules.version, now, tally)


async def _count_all(tx: Tx, survey: Survey, now: datetime) -> Tally:
    """Count what changes about all open findings; while one part is looked at the database reads the next."""
    tally, parts = Tally(), list(planning.parts())
    asked = {"rates": survey.asks_rates, "scores": survey.asks_scores, "places": survey.asks_places(), "ids": False}
    following: asyncio.Task[list[Record]] | None = None
    try:
        for number in range(len(parts)):
            rows = await (following or planning.standing(tx, parts[number], **asked))
            following = None
            await survey.inform(tx, rows)
            if number + 1 < len(parts):
                following = asyncio.create_task(planning.standing(tx, parts[number + 1], **asked))
            await _count(rows, survey, tally, now)
    finally:
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return tally


async def _count(rows: Sequence[Record], survey: Survey, tally: Tally, now: datetime) -> None:
    for number, row in enumerate(rows):
        if number % _BREATH == 0:
            await asyncio.sleep(0)  # others want to be answered meanwhile
        for outcome in survey.outcomes(row, now):
            if outcome.is_nothing:
                tally.seen += len(outcome.positions)
            else:
                change = change_of(outcome.before, outcome.after, outcome.rate.bands)
                tally.add(change, len(outcome.positions))
