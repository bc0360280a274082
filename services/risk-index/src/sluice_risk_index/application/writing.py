"""What all use cases have in common that decide about findings and may raise alerts by it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sluice_risk_index import metrics
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.db import Database, Tx

T = TypeVar("T")


class Writer:
    """``alerts_raised`` is called after the commit of what raised some, so that they are published at once."""

    def __init__(
        self,
        database: Database,
        facets: FacetBook,
        in_force: Callable[[], InForce],
        alerts_raised: Callable[[], None],
    ) -> None:
        self._database = database
        self._facets = facets
        self._in_force = in_force
        self._alerts_raised = alerts_raised

    async def _commit(self, work: Callable[[Tx], Awaitable[tuple[T, list[str]]]]) -> T:
        """Do ``work`` in a transaction; it returns its result and the levels of the alerts that it raised."""
        result, raised = await self._database.run(work)
        metrics.count_alerts(raised)
        if raised:
            self._alerts_raised()
        return result
