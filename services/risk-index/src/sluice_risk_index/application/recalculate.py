"""Walk over all open findings when policy or catalogue have changed, and once a day because findings grow older."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sluice_risk_index import metrics
from sluice_risk_index.application.records import asset_record
from sluice_risk_index.application.revise import Revision, reassess_all, write_revisions
from sluice_risk_index.application.survey import Outcome, Survey
from sluice_risk_index.domain.change import Change, Digest, DueChange, change_of
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.storage import alerts, assets, digests, evidence, findings, planning, recalculations
from sluice_risk_index.storage.digests import Pending
from sluice_risk_index.storage.facets import FacetBook
from sluice_risk_index.storage.findings import Reasons
from sluice_risk_index.storage.planning import Place
from sluice_risk_index.storage.recalculations import Walk
from sluice_shared.db import Database, Record, Tx
from sluice_shared.logging import get_logger

PART = 5_000
BATCH = 1_000
PERIOD = timedelta(days=1)
_BREATH = 100
# Rank what is overdue, and what is due earlier, before any score, 0-100.
_OVERDUE, _SOONER = 1_000.0, 500.0

Ids = list[tuple[UUID, UUID]]
Reasoned = dict[tuple[Reasons, Reasons], Ids]
log = get_logger(__name__)


class Recalculate:
    """One call does a part of the walk, whichever replica began it; alerts are left to the timers.

    Findings that stand alike are decided about once, and only those about which something changes are held and written.
    A walk begins once for every set of rules that this process gets, unless the index is by them already. Replicas that
    are given different rules for a while, as in a rolling upgrade, so do not undo each other's work for ever: the walk
    begun last is the one that is finished. Whoever has less time by new rules is told once, at the end of the walk.
    """

    def __init__(self, database: Database, facets: FacetBook, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._facets = facets
        self._in_force = in_force
        self._begun: str | None = None
        self._survey: tuple[InForce, int, Survey] | None = None

    async def __call__(self) -> int:
        """Return how many findings were looked at. Raises Unavailable."""
        in_force = self._in_force()
        seen, raised = await self._database.run(lambda tx: self._go_on(tx, in_force))
        metrics.FINDINGS_RECALCULATED.inc(seen)
        metrics.count_alerts(raised)
        self._begun = in_force.rules.version
        return seen

    async def _go_on(self, tx: Tx, in_force: InForce) -> tuple[int, list[str]]:
        version = in_force.rules.version
        if self._begun != version and await recalculations.current_version(tx) != version:
            await self._begin(tx, in_force)
        elif await recalculations.is_over(tx, PERIOD):
            await recalculations.begin(tx, version)
        walk = await recalculations.take_up(tx, version)
        if walk is None:
            return 0, []
        now = await tx.fetchval("SELECT now()")
        survey = self._survey_of(walk, in_force)
        part = await planning.part_after(tx, walk.after, PART)
        keys, rows = await _read(tx, part, survey)
        if not rows:
            self._survey = None
            return 0, await self._end(tx, walk, in_force, now)
        await survey.inform(tx, rows)
        said = await evidence.with_statements(tx, keys)
        changed, raised = await self._revise(tx, walk, in_force, await _sort(rows, survey, said, now), now)
        seen = sum(row["number"] for row in rows)
        await recalculations.move_on(tx, walk, part[1], seen=seen, changed=changed)
        return seen, raised

    def _survey_of(self, walk: Walk, in_force: InForce) -> Survey:
        """Return the survey of this walk: what it keeps is as the feeds were, so the next walk has another."""
        if self._survey is None or self._survey[0] is not in_force or self._survey[1] != walk.id:
            self._survey = (in_force, walk.id, Survey(in_force))
        return self._survey[2]

    async def _begin(self, tx: Tx, in_force: InForce) -> None:
        await tx.lock("recalculation")
        before = await recalculations.current_version(tx)
        if before == in_force.rules.version:
            return
        keys = await assets.asset_keys(tx)
        await assets.renew_assets(tx, [asset_record(in_force.rules, asset_id, key) for asset_id, key in keys.items()])
        await recalculations.begin(tx, in_force.rules.version, tells=before is not None)

    async def _revise(
        self, tx: Tx, walk: Walk, in_force: InForce, work: tuple[Ids, Reasoned], now: datetime
    ) -> tuple[int, list[str]]:
        anew, reasoned = work
        changed, raised = 0, list[str]()
        for start in range(0, len(anew), BATCH):
            held = await findings.hold_with_assets(tx, anew[start : start + BATCH])
            revisions = await reassess_all(tx, in_force, held, now)
            number, levels = await write_revisions(tx, self._facets, in_force, revisions, now)
            changed, raised = changed + number, raised + levels
            if walk.tells:
                await digests.add(tx, list(_digests(revisions)))
        for (was, after), ids in reasoned.items():
            changed += await findings.update_reasons(tx, ids, was=was, now=after, rules=in_force.rules.version)
        return changed, raised

    @staticmethod
    async def _end(tx: Tx, walk: Walk, in_force: InForce, now: datetime) -> list[str]:
        seen, changed = await recalculations.end(tx, walk)
        version = in_force.rules.version
        log.info("recalculated", rules=version, findings=seen, changed=changed)
        if not walk.tells:
            return []
        pending = [p for p in await digests.take_all(tx) if p.digest.worth_telling]
        held = await findings.hold_with_assets(tx, [(p.asset_id, p.finding_id) for p in pending])
        worst = {finding.id: (finding, asset) for finding, asset in held}
        written = [
            in_force.alerts.digest(*worst[p.finding_id], p.digest, version, now, walk=walk.id)
            for p in pending
            if p.finding_id in worst
        ]
        return await alerts.insert_alerts(tx, written)


async def _read(tx: Tx, part: tuple[Place, Place], survey: Survey) -> tuple[dict[UUID, str], list[Record]]:
    """Return the keys of a part's assets, and how its findings stand; the survey knows of the assets then."""
    while True:
        keys = await planning.asset_keys(tx, part)
        survey.know(keys, await evidence.look_up(tx, keys, ()))
        rows = await planning.standing(tx, part, rates=True, scores=True, places=survey.asks_places(), ids=True)
        # An asset may come between the statements.
        if all(row["asset_id"] in keys for row in rows):
            return keys, rows


async def _sort(
    rows: Sequence[Record], survey: Survey, said: set[UUID], now: datetime
) -> tuple[Ids, dict[tuple[Reasons, Reasons], Ids]]:
    """Return the findings to decide about anew, and those whose reasons alone change, by these.

    What VEX has ``said`` of an asset is known finding by finding, so all of such an asset's are decided about anew.
    """
    anew: Ids = []
    reasoned: Reasoned = defaultdict(list)
    for number, row in enumerate(rows):
        if number % _BREATH == 0:
            await asyncio.sleep(0)  # others want to be answered meanwhile
        for outcome in survey.outcomes(row, now):
            ids = [(outcome.before.asset_id, row["ids"][position]) for position in outcome.positions]
            if outcome.decided_anew or outcome.before.asset_id in said:
                anew += ids
            elif outcome.reasoned_anew:
                reasoned[_reasons(outcome)] += ids
    return anew, reasoned


def _reasons(outcome: Outcome) -> tuple[Reasons, Reasons]:
    before, after = outcome.before, outcome.after
    return Reasons(before.class_reason, before.owner_reason), Reasons(after.class_reason, after.owner_reason)


def _digests(revisions: Iterable[Revision]) -> Iterable[Pending]:
    """Yield what revisions mean to each owner, with the worst finding of each."""
    changes: dict[str, Counter[Change]] = defaultdict(Counter)
    worst: dict[str, tuple[float, Revision]] = {}
    for revision in revisions:
        change = change_of(revision.before, revision.after)
        if not change.visible:
            continue
        changes[change.team][change] += 1
        sooner = change.due in (DueChange.EARLIER, DueChange.GAINED)
        rank = revision.after.score + (_OVERDUE if change.breached else _SOONER if sooner else 0.0)
        if change.team not in worst or rank > worst[change.team][0]:
            worst[change.team] = (rank, revision)
    for team, counted in sorted(changes.items()):
        digest = Digest(team)
        for change, number in counted.items():
            digest.count(change, number)
        rank, revision = worst[team]
        yield Pending(digest, revision.after.asset_id, revision.after.id, rank)
