"""End the decisions whose time is over: the findings are open again, their clocks go on, and their owners are told."""

from uuid import uuid4

from sluice_risk_index.application.revise import reassess_all, write_revisions
from sluice_risk_index.application.writing import Writer
from sluice_risk_index.domain.triage import Decision, Ruling
from sluice_risk_index.storage import audit, decisions
from sluice_shared.db import Tx

BATCH = 500
ACTOR = "sluice"
_ENDED = Ruling(Decision.OPEN, "the time of the decision is over")


class EndDecisions(Writer):
    """One call ends a batch; the database's clock decides, so none ends early."""

    async def __call__(self) -> int:
        """Return how many decisions ended. Raises Unavailable."""
        return await self._commit(self._end)

    async def _end(self, tx: Tx) -> tuple[int, list[str]]:
        held = await decisions.hold_ended(tx, BATCH)
        if not held:
            return 0, []
        in_force = self._in_force()
        now = await tx.fetchval("SELECT now()")
        revisions = await reassess_all(tx, in_force, held, now, ruling=_ENDED)
        _, raised = await write_revisions(tx, self._facets, in_force, revisions, now)
        decision_id = uuid4()
        await decisions.record(
            tx,
            [finding for finding, _ in held],
            decision_id=decision_id,
            state=_ENDED.state,
            reason=_ENDED.reason,
            until=None,
            by=ACTOR,
            at=now,
        )
        await audit.note(
            tx,
            actor=ACTOR,
            action="decision:ended",
            subject="findings",
            reason=_ENDED.reason,
            detail={"decision_id": decision_id, "findings": len(held)},
            at=now,
        )
        return len(held), raised
