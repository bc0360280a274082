"""Walk over all open findings when policy or catalogue have changed, and once a day because findings grow older."""

from collections.abc import Callable
from datetime import timedelta

from sluice_risk_index import metrics
from sluice_risk_index.application.records import asset_record
from sluice_risk_index.application.revise import reassess_all, write_revisions
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.storage import assets, recalculations
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

BATCH = 500
PERIOD = timedelta(days=1)

log = get_logger(__name__)


class Recalculate:
    """One call does a batch of the walk, whichever replica began it; alerts are left to the timers.

    A walk begins once for every set of rules that this process gets, unless the index is by them already. Replicas that
    are given different rules for a while, as in a rolling upgrade, so do not undo each other's work for ever: the walk
    begun last is the one that is finished.
    """

    def __init__(self, database: Database, facets: FacetBook, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._facets = facets
        self._in_force = in_force
        self._begun: str | None = None

    async def __call__(self) -> int:
        """Return how many findings were looked at. Raises Unavailable."""
        in_force = self._in_force()
        seen = await self._database.run(lambda tx: self._go_on(tx, in_force))
        self._begun = in_force.rules.version
        return seen

    async def _go_on(self, tx: Tx, in_force: InForce) -> int:
        version = in_force.rules.version
        if self._begun != version and await recalculations.current_version(tx) != version:
            await self._begin(tx, in_force)
        elif await recalculations.is_over(tx, PERIOD):
            await recalculations.begin(tx, version)
        walk = await recalculations.take_up(tx, version)
        if walk is None:
            return 0
        held = await recalculations.next_findings(tx, walk, BATCH)
        if not held:
            seen, changed = await recalculations.end(tx, walk)
            log.info("recalculated", rules=version, findings=seen, changed=changed)
            return 0
        changed, raised = await self._reassess(tx, held, in_force)
        await recalculations.move_on(tx, walk, held[-1][0], seen=len(held), changed=changed)
        metrics.FINDINGS_RECALCULATED.inc(len(held))
        metrics.count_alerts(raised)
        return len(held)

    async def _begin(self, tx: Tx, in_force: InForce) -> None:
        await tx.lock("recalculation")
        if await recalculations.current_version(tx) == in_force.rules.version:
            return
        keys = await assets.asset_keys(tx)
        await assets.renew_assets(tx, [asset_record(in_force.rules, asset_id, key) for asset_id, key in keys.items()])
        await recalculations.begin(tx, in_force.rules.version)

    async def _reassess(self, tx: Tx, held: list[tuple[Finding, str]], in_force: InForce) -> tuple[int, list[str]]:
        now = await tx.fetchval("SELECT now()")
        revisions = await reassess_all(tx, in_force, held, now)
        return await write_revisions(tx, self._facets, in_force, revisions, now)
