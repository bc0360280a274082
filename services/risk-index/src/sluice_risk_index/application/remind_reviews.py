"""Remind owners and approvers of exceptions that have to be looked at again: once for each review that is due."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from sluice_risk_index import metrics
from sluice_risk_index.domain.exception_rules import review_due
from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.storage import alerts, exception_rows
from sluice_shared.db import Database, Tx


class RemindReviews:
    """Each call raises the reminders that are due by the database's clock; none comes twice, whoever raises it."""

    def __init__(self, database: Database, in_force: Callable[[], InForce], alerts_raised: Callable[[], None]) -> None:
        self._database = database
        self._in_force = in_force
        self._alerts_raised = alerts_raised

    async def __call__(self) -> int:
        """Return how many reviews were reminded of. Raises Unavailable."""
        in_force = self._in_force()
        acceptance = in_force.rules.policy.acceptance
        async with self._database.transaction(read_only=True) as tx:
            now = await tx.fetchval("SELECT now()")
            active = [entry for entry in in_force.exemptions.entries if entry.covered_classes(acceptance, now)]
            known = await exception_rows.reminded(tx, [entry.id for entry in active])
        due = [(entry, review_due(entry, now.date(), acceptance.review)) for entry in active]
        count = 0
        for entry, day in due:
            if day is not None and (entry.id, day) not in known:
                raised = await self._database.run(partial(self._remind, entry=entry, due=day, now=now))
                count += raised is not None
                metrics.count_alerts(raised or [])
        if count:
            self._alerts_raised()
        return 0

    async def _remind(self, tx: Tx, entry: Exemption, due: date, now: datetime) -> list[str] | None:
        """Return the levels of the alerts raised; None when the reminder had been raised before."""
        in_force = self._in_force()
        covered = await exception_rows.covered_by(tx, entry.id)
        if not await exception_rows.note_review(tx, entry.id, due, told=bool(covered)):
            return None
        told = [in_force.alerts.on_review(entry, row["team"], dict(row), due, now) for row in covered]
        approver = in_force.rules.catalogue.team_called(entry.approver)
        if covered and approver is not None and approver not in {row["team"] for row in covered}:
            riskiest = max(covered, key=lambda row: row["score"])
            told.append(in_force.alerts.on_review(entry, approver, dict(riskiest), due, now))
        return await alerts.insert_alerts(tx, told)
