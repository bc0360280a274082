"""Wiring of the notifier; ``python -m sluice_notifier.main`` runs it."""

from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from sluice_notifier.application.attempt_delivery import AttemptDelivery
from sluice_notifier.application.claim_due import ClaimDue
from sluice_notifier.application.clock import utc_now
from sluice_notifier.application.create_silence import CreateSilence
from sluice_notifier.application.deliver_due import DeliverDue
from sluice_notifier.application.expire_silence import ExpireSilence
from sluice_notifier.application.list_deliveries import ListDeliveries
from sluice_notifier.application.list_receivers import ListReceivers
from sluice_notifier.application.list_silences import ListSilences
from sluice_notifier.application.measure_due import MeasureDue
from sluice_notifier.application.reconcile_tickets import ReconcileTickets
from sluice_notifier.application.retry_delivery import RetryDelivery
from sluice_notifier.application.send_test import SendTest
from sluice_notifier.application.show_delivery import ShowDelivery
from sluice_notifier.application.take_alerts import TakeAlerts
from sluice_notifier.channels.kit import HttpClient
from sluice_notifier.domain.receivers import Routes
from sluice_notifier.settings import Settings
from sluice_notifier.storage import config
from sluice_notifier.storage.tables import SCHEMA
from sluice_notifier.transport import webhooks
from sluice_notifier.transport.consumers import subscribe
from sluice_notifier.transport.deliveries import deliveries_router
from sluice_notifier.transport.receivers import receivers_router
from sluice_notifier.transport.silences import silences_router
from sluice_shared.auth import IntrospectingVerifier
from sluice_shared.http import create_app, dead_letters
from sluice_shared.logging import get_logger
from sluice_shared.runtime import Runtime, connect, run_service
from sluice_shared.sweeper import Sweeper

MIGRATIONS = Path(__file__).parent / "storage" / "migrations"
_LONGEST_MARGIN = 60.0
_TICKET_SWEEP = 10.0
log = get_logger(__name__)


def build(settings: Settings) -> FastAPI:
    """Assemble the service; nothing is connected before the application starts. Raises ConfigError."""
    database, bus = connect(settings, SCHEMA)
    watched = config.watch(settings.config_dir)
    for problem in config.warnings(settings.config_dir):
        log.warning("a receiver cannot send yet", problem=str(problem))
    http = HttpClient(allow_private=settings.allow_private_targets)

    def routes() -> Routes:
        return watched.value

    lease = settings.delivery_timeout + min(settings.delivery_timeout, _LONGEST_MARGIN)
    ticket_check = timedelta(seconds=settings.ticket_check_seconds)
    deliver = DeliverDue(
        database,
        routes,
        ClaimDue(lease=timedelta(seconds=lease), max_age=settings.delivery_max_age),
        AttemptDelivery(
            database, http, utc_now, timeout=settings.delivery_timeout, lease=lease, ticket_check=ticket_check
        ),
        utc_now,
        at_once=settings.deliveries_at_once,
    )
    deliveries = Sweeper("deliveries", settings.delivery_sweep_seconds, deliver)
    deliver.when_free(deliveries.wake)
    reconcile = ReconcileTickets(database, routes, http, utc_now, interval=ticket_check)
    subscribe(bus, TakeAlerts(database, bus, routes, utc_now, deliveries.wake))
    runtime = Runtime(
        settings=settings,
        database=database,
        migrations=MIGRATIONS,
        bus=bus,
        verifier=IntrospectingVerifier(settings.ingest_url, settings.secret_key),
        watched=[watched],
        sweepers=[deliveries, Sweeper("tickets", _TICKET_SWEEP, reconcile, busy_interval=0.0)],
        on_stop=[http.close, deliver.stop],
        metrics_hooks=[MeasureDue(database, routes)],
    )
    app = create_app(
        runtime=runtime,
        title="Sluice notifier",
        routers=[
            deliveries_router(
                ListDeliveries(database),
                ShowDelivery(database),
                RetryDelivery(database, utc_now, deliveries.wake, max_age=settings.delivery_max_age),
            ),
            silences_router(
                CreateSilence(database, utc_now),
                ListSilences(database, utc_now),
                ExpireSilence(database, utc_now),
                utc_now,
            ),
            receivers_router(
                ListReceivers(database, routes),
                SendTest(routes, http, utc_now, timeout=settings.delivery_timeout),
            ),
            dead_letters.router,
        ],
    )
    app.webhooks.include_router(webhooks.router)
    return app


def main() -> None:
    """Run the service until it is told to stop."""
    run_service(Settings, build)


if __name__ == "__main__":
    main()
