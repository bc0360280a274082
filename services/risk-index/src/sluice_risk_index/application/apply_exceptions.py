"""Bring findings in line with the exceptions in force, whenever one begins, changes or ends."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sluice_risk_index.application.revise import Revision, reassess_all, write_revisions
from sluice_risk_index.application.writing import Writer
from sluice_risk_index.domain.exceptions import Exemption, speaks_of
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.domain.vex.statements import EXCUSE
from sluice_risk_index.storage import assets, audit, exceptions
from sluice_risk_index.storage.decisions import Held
from sluice_risk_index.storage.exceptions import START, Place
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

BATCH = 500
ACTOR = "sluice"
Standing = dict[str, tuple[Exemption, frozenset[RiskClass]]]
_SPREAD = timedelta(seconds=3)
"""How long an exception by API waits to be applied, so that every replica knows it by then, and none takes it back."""
_ALWAYS = datetime.min.replace(tzinfo=UTC)
Find = Callable[[Tx, Place], Awaitable[Held]]

log = get_logger(__name__)


class ApplyExceptions(Writer):
    """Each call compares what is in force, by the database's clock, with what this process applied last.

    Findings whose exception ended, or was taken away, are open again and their owners are told; what a new one means is
    excused. New findings are looked at as they come in, so that only exceptions that changed have work to do here.
    """

    def __init__(
        self,
        database: Database,
        facets: FacetBook,
        in_force: Callable[[], InForce],
        alerts_raised: Callable[[], None],
    ) -> None:
        super().__init__(database, facets, in_force, alerts_raised)
        self._applied: tuple[Standing, set[str]] | None = None
        self._again: tuple[datetime, set[str]] | None = None

    async def __call__(self) -> int:
        """Return how many findings were excused, or are excused no longer. Raises Unavailable."""
        in_force = self._in_force()
        acceptance = in_force.rules.policy.acceptance
        async with self._database.transaction(read_only=True) as tx:
            now = await tx.fetchval("SELECT now()")
        standing: Standing = {
            entry.id: (entry, classes)
            for entry in in_force.exemptions.entries
            if (classes := entry.covered_classes(acceptance, now))
        }
        since = in_force.exemptions.since
        spread = {name for name in standing if now - since.get(name, _ALWAYS) >= _SPREAD}
        before, applied = self._applied or ({}, set[str]())
        unchanged = [name for name, state in standing.items() if before.get(name) == state]
        if (standing, spread) != self._applied:
            begun = spread - (applied & set(unchanged))
            # Also of those that were not applied here yet: what came or was looked at meanwhile is covered already.
            ended = self._applied is None or len(unchanged) < len(before)
            self._again = now + _SPREAD, begun | (self._again[1] if self._again else set())
        elif self._again is not None and now >= self._again[0]:
            # Whoever had not heard of the change may have decided by the old exceptions after it was applied.
            begun, ended, self._again = self._again[1] & spread, True, None
        else:
            return 0
        handled = 0
        if ended:
            handled = await self._walk(in_force, lambda tx, after: exceptions.hold_covered(tx, unchanged, after, BATCH))
        for name in sorted(begun):
            handled += await self._excuse(in_force, standing[name][0])
        self._applied = standing, spread
        if handled:
            log.info("exceptions applied", exceptions=len(standing), findings=handled)
        return handled

    async def _excuse(self, in_force: InForce, entry: Exemption) -> int:
        async with self._database.transaction(read_only=True) as tx:
            keys = await assets.asset_keys(tx)
        meant: Sequence[UUID] = [asset_id for asset_id, key in keys.items() if speaks_of(entry.selector, key)]
        if not meant:
            return 0
        return await self._walk(
            in_force, lambda tx, after: exceptions.hold_candidates(tx, entry.selector, meant, after, BATCH)
        )

    async def _walk(self, in_force: InForce, find: Find) -> int:
        """Look again at everything that is found, batch by batch, each in a transaction of its own."""
        after, handled = START, 0
        while True:
            place = after

            async def work(tx: Tx, place: Place = place) -> tuple[tuple[Held, int], list[str]]:
                held = await find(tx, place)
                changed, raised = await self._look_again(tx, in_force, held)
                return (held, changed), raised

            held, changed = await self._commit(work)
            handled += changed
            if len(held) < BATCH:
                return handled
            last = held[-1][0]
            after = (last.asset_id, last.id)

    async def _look_again(self, tx: Tx, in_force: InForce, held: Held) -> tuple[int, list[str]]:
        now = await tx.fetchval("SELECT now()")
        revisions = await reassess_all(tx, in_force, held, now)
        moved = [r for r in revisions if r.before.exception_id != r.after.exception_id]
        _, raised = await write_revisions(tx, self._facets, in_force, revisions, now)
        await self._note(tx, in_force, moved, now)
        return len(moved), raised

    @staticmethod
    async def _note(tx: Tx, in_force: InForce, moved: Sequence[Revision], now: datetime) -> None:
        known = {entry.id: entry for entry in in_force.exemptions.entries}
        # What VEX excuses is on record with the evidence.
        begun = Counter(name for r in moved if (name := r.after.exception_id) and not name.startswith(EXCUSE))
        ended = Counter(name for r in moved if (name := r.before.exception_id) and not name.startswith(EXCUSE))
        for action, counted in (("exception:began", begun), ("exception:ended", ended)):
            for name, number in counted.items():
                entry = known.get(name)
                await audit.note(
                    tx,
                    actor=entry.approver if entry and action == "exception:began" else ACTOR,
                    action=action,
                    subject=f"exception:{name}",
                    reason=entry.reason if entry else "the exception was taken away",
                    detail={"findings": number, "expires": entry.expires if entry else None},
                    at=now,
                )
