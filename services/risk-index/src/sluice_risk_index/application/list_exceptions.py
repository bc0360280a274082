"""List the exceptions with what they cover, and measure them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sluice_risk_index import metrics
from sluice_risk_index.application.visibility import visible_assets
from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.domain.policy import RiskClass
from sluice_risk_index.storage import exceptions
from sluice_shared.auth import Principal
from sluice_shared.db import Database

_SOON = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class ExceptionStatus:
    """An exception, the file it stands in, and how it stands at ``now``; ``findings`` are those it covers, by owner."""

    entry: Exemption
    file: str
    now: datetime
    covers: frozenset[RiskClass]
    findings: Counter[str]

    @property
    def state(self) -> str:
        """`active`, `pending` before its first day, or `expired`."""
        if self.covers:
            return "active"
        return "pending" if self.now.date() < self.entry.created else "expired"

    @property
    def orphaned(self) -> bool:
        """Whether it is in force and covers nothing."""
        return bool(self.covers) and not self.findings.total()

    @property
    def days_left(self) -> int:
        """Whole days until it expires, 0 after it."""
        return max((self.entry.expires - self.now.date()).days, 0)


class ListExceptions:
    """All exceptions of the configuration folder, in the order of their ids."""

    def __init__(self, database: Database, in_force: Callable[[], InForce]) -> None:
        self._database = database
        self._in_force = in_force

    async def __call__(self, principal: Principal | None = None) -> list[ExceptionStatus]:
        """Return them; a caller who may see some assets only sees those that cover findings there.

        Raises Unavailable.
        """
        async with self._database.transaction(read_only=True) as tx:
            visible = None if principal is None else await visible_assets(tx, principal)
            rows = await exceptions.count_covered(tx, visible)
            now = await tx.fetchval("SELECT now()")
        covered: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            covered[row["exception_id"]][row["team"]] += row["number"]
        in_force = self._in_force()
        known, acceptance = in_force.exemptions, in_force.rules.policy.acceptance
        return [
            ExceptionStatus(
                entry, known.files.get(entry.id, ""), now, entry.covered_classes(acceptance, now), covered[entry.id]
            )
            for entry in known.entries
            if visible is None or covered[entry.id]
        ]

    async def measure(self) -> int:
        """Set the metrics. Returns 0. Raises Unavailable."""
        active = [status for status in await self() if status.state == "active"]
        teams: Counter[tuple[str, ...]] = Counter((team,) for status in active for team in status.findings)
        metrics.replace_series(metrics.EXCEPTIONS_ACTIVE, teams)
        metrics.replace_series(metrics.EXCEPTIONS_BY_DAYS_LEFT, _by_days_left(active))
        metrics.EXCEPTIONS_ORPHANED.set(sum(status.orphaned for status in active))
        metrics.EXCEPTIONS_REVIEW_DUE.set(sum(status.entry.review <= status.now.date() for status in active))
        return 0


def _by_days_left(active: Iterable[ExceptionStatus]) -> dict[tuple[str, ...], int]:
    days = [status.days_left for status in active]
    counted: dict[tuple[str, ...], int] = {(str(most),): sum(left <= most for left in days) for most in _SOON}
    return {**counted, ("+Inf",): len(days)}
