"""A notifier with real PostgreSQL and Redis, whose clock the test holds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.unit.notifier.samples import NOW

import sluice_notifier
from sluice_notifier.application.attempt_delivery import AttemptDelivery
from sluice_notifier.application.claim_due import ClaimDue
from sluice_notifier.application.deliver_due import DeliverDue
from sluice_notifier.application.reconcile_tickets import ReconcileTickets
from sluice_notifier.application.take_alerts import TakeAlerts
from sluice_notifier.channels.kit import HttpClient
from sluice_notifier.domain.receivers import Routes
from sluice_notifier.storage import config
from sluice_shared.bus import Bus
from sluice_shared.contracts.events import AlertsRaised
from sluice_shared.db import Database

MIGRATIONS = Path(sluice_notifier.__file__).parent / "storage" / "migrations"
LEASE = timedelta(seconds=60)
MAX_AGE = timedelta(hours=24)
TICKET_CHECK = timedelta(minutes=5)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class House:
    """One replica. Several share a clock and a database."""

    database: Database
    bus: Bus
    folder: Path
    clock: Clock
    http: HttpClient
    routes: Routes = field(init=False)
    wakes: int = 0

    def __post_init__(self) -> None:
        self.routes = config.default_routes()
        self.claim = ClaimDue(lease=LEASE, max_age=MAX_AGE)
        attempt = AttemptDelivery(
            self.database, self.http, self.clock, timeout=30.0, lease=LEASE.total_seconds(), ticket_check=TICKET_CHECK
        )
        self.deliver_due = DeliverDue(self.database, self._routes, self.claim, attempt, self.clock, at_once=4)
        self.reconcile = ReconcileTickets(self.database, self._routes, self.http, self.clock, interval=TICKET_CHECK)
        self.take_event = TakeAlerts(self.database, self.bus, self._routes, self.clock, self._woken)

    def configure(self, text: str) -> None:
        (self.folder / "routes.yaml").write_text(text)
        self.routes = config.load(self.folder)

    async def take(self, *alerts):
        await self.take_event(AlertsRaised(alerts=list(alerts)))

    async def deliver(self, *, wait: float = 0) -> int:
        """Let ``wait`` seconds pass, then deliver until nothing is due; return how many attempts that took."""
        self.clock.forward(seconds=wait)
        attempts = 0
        while claimed := await self.deliver_due():
            attempts += claimed
            await self.deliver_due.drain()
        return attempts

    async def rows(self, sql: str, *args):
        async with self.database.transaction(read_only=True) as tx:
            return await tx.fetch(sql, *args)

    async def deliveries(self):
        return await self.rows("SELECT * FROM delivery ORDER BY id")

    async def states(self):
        return [row["state"] for row in await self.deliveries()]

    def _routes(self) -> Routes:
        return self.routes

    def _woken(self) -> None:
        self.wakes += 1
