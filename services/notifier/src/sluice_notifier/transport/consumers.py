"""Stream subscribers."""

from sluice_notifier.application.take_alerts import TakeAlerts
from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import AlertsRaised
from sluice_shared.contracts.topics import ALERTS

GROUP = "notifier"


def subscribe(bus: Bus, take: TakeAlerts) -> None:
    """Take alerts from the bus."""

    async def handle(event: AlertsRaised, _delivery: Delivery) -> None:
        await take(event)

    bus.subscribe(ALERTS, GROUP, handle)
