"""Take alerts over: store them, route each, gather them into deliveries; only then send the receipt.

Idempotent: an alert that is known already changes nothing, and is receipted again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sluice_notifier.application.clock import Clock
from sluice_notifier.channels import registry
from sluice_notifier.domain.grouping import Group, first_send_at, group_by, group_by_fix
from sluice_notifier.domain.labels import Labels, labels_of
from sluice_notifier.domain.receivers import Routes
from sluice_notifier.domain.routing import Destination, find_destinations
from sluice_notifier.metrics import ALERTS_RECEIVED
from sluice_notifier.storage import alerts as alert_rows
from sluice_notifier.storage import gathering
from sluice_notifier.storage.gathering import OpenGroup
from sluice_shared.bus import Bus
from sluice_shared.contracts.events import AlertRaised, AlertReceipt, AlertsRaised
from sluice_shared.contracts.topics import ALERT_RECEIPTS
from sluice_shared.db import Database, Tx
from sluice_shared.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Addressed:
    """An alert on its way to one receiver."""

    alert: AlertRaised
    destination: Destination
    group: Group

    @property
    def key(self) -> tuple[str, str]:
        return self.destination.receiver, self.group.key


class TakeAlerts:
    """The use case; ``wake`` is called when there is something new to send."""

    def __init__(
        self, database: Database, bus: Bus, routes: Callable[[], Routes], clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._bus = bus
        self._routes = routes
        self._clock = clock
        self._wake = wake

    async def __call__(self, event: AlertsRaised) -> None:
        """Take a batch. Raises Unavailable when the database or the bus is away; then it is to be tried again."""
        alerts = list({alert.alert_id: alert for alert in event.alerts}.values())
        if not alerts:
            return
        new = await self._database.run(lambda tx: self._take(tx, alerts))
        for alert in alerts:
            if alert.alert_id in new:
                ALERTS_RECEIVED.labels(alert.level.value).inc()
        if new:
            log.info("alerts taken", alerts=len(alerts), new=len(new))
            self._wake()
        ids = [alert.alert_id for alert in alerts]
        await self._bus.publish(ALERT_RECEIPTS, AlertReceipt(alert_ids=ids, at=self._clock()), key=str(ids[0]))

    async def _take(self, tx: Tx, alerts: list[AlertRaised]) -> set[UUID]:
        now, routes = self._clock(), self._routes()
        new = await alert_rows.insert(tx, alerts, now)
        addressed = await _address(tx, routes, [alert for alert in alerts if alert.alert_id in new])
        if addressed:
            await _gather(tx, routes, addressed, now)
        return new


async def _address(tx: Tx, routes: Routes, alerts: Iterable[AlertRaised]) -> list[_Addressed]:
    routed = [
        (alert, labels, destination)
        for alert in alerts
        for labels in (labels_of(alert),)
        for destination in find_destinations(routes.root, labels)
    ]
    ticketing = {name for name, r in routes.receivers.items() if registry()[r.channel].keeps_tickets}
    to_tickets = [(alert, d.receiver) for alert, _, d in routed if d.receiver in ticketing]
    known = await gathering.ticket_groups(
        tx, list({alert.finding.finding_id for alert, _ in to_tickets}), list({name for _, name in to_tickets})
    )
    addressed: list[_Addressed] = []
    for alert, labels, destination in routed:
        if destination.receiver in ticketing:
            # A finding stays with its ticket, even when another fix is proposed later.
            key = (destination.receiver, alert.finding.finding_id)
            group = known.setdefault(key, group_by_fix(labels))
        else:
            group = _group(labels, destination)
        addressed.append(_Addressed(alert, destination, group))
    return addressed


def _group(labels: Labels, destination: Destination) -> Group:
    return group_by(labels, destination.group_by)


async def _gather(tx: Tx, routes: Routes, addressed: list[_Addressed], now: datetime) -> None:
    sealed = await gathering.last_sealed(tx, list({one.key for one in addressed}), now)
    groups: dict[tuple[str, str], OpenGroup] = {}
    for one in addressed:
        due_at = _due_at(routes, one, sealed, now)
        earlier = groups.get(one.key)
        if earlier is None or due_at < earlier.due_at:
            receiver = routes.receivers[one.destination.receiver]
            groups[one.key] = OpenGroup(receiver.name, receiver.channel, one.group, due_at)
    deliveries = await gathering.open_deliveries(tx, list(groups.values()), now)
    await gathering.put(tx, [(o.alert.alert_id, o.destination.receiver, deliveries[o.key]) for o in addressed])


def _due_at(routes: Routes, one: _Addressed, sealed: Mapping[tuple[str, str], datetime], now: datetime) -> datetime:
    return first_send_at(
        now,
        wait=one.destination.group_wait,
        interval=one.destination.group_interval,
        last_sent_at=sealed.get(one.key),
        quiet=[routes.quiet_hours[name] for name in one.destination.quiet_hours],
    )
