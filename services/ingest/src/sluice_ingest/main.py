"""Puts ingest together and runs it: `python -m sluice_ingest.main`."""

import asyncio
from pathlib import Path

from fastapi import FastAPI

from sluice_ingest.application.accept_delivery import AcceptDelivery
from sluice_ingest.application.accept_report import AcceptReport
from sluice_ingest.application.clock import utc_now
from sluice_ingest.application.create_token import CreateToken
from sluice_ingest.application.ensure_bootstrap_token import EnsureBootstrapToken
from sluice_ingest.application.expire_bodies import ExpireBodies
from sluice_ingest.application.list_reports import ListReports
from sluice_ingest.application.list_tokens import ListTokens
from sluice_ingest.application.measure_backlog import MeasureBacklog
from sluice_ingest.application.publish_reports import ReportPublisher
from sluice_ingest.application.receive_body import BodyReceiver
from sluice_ingest.application.replay_report import ReplayReport
from sluice_ingest.application.republish_due import RepublishDue
from sluice_ingest.application.revoke_token import RevokeToken
from sluice_ingest.application.settle_report import SettleReport
from sluice_ingest.application.verify_token import TokenVerifier
from sluice_ingest.application.wait_for_report import Waiters, WaitForReport
from sluice_ingest.application.watch_line import WatchLine
from sluice_ingest.domain.refusal import Refused
from sluice_ingest.settings import Settings
from sluice_ingest.storage import config
from sluice_ingest.storage.tables import SCHEMA
from sluice_ingest.transport import evidence, push, receipts, reports, tokens, webhooks
from sluice_ingest.transport.problems import on_refused
from sluice_ingest.transport.service import Service
from sluice_shared.auth import introspection_credential
from sluice_shared.blobs import BlobStore
from sluice_shared.db import Database
from sluice_shared.http import create_app, dead_letters
from sluice_shared.runtime import Runtime, calm_garbage_collection, connect, run_service
from sluice_shared.sweeper import Sweeper

MIGRATIONS = Path(__file__).parent / "storage" / "migrations"
_BUSY_SECONDS = 0.1


def build(settings: Settings) -> FastAPI:
    """Wire the service; nothing is connected before the application starts. Raises ConfigError."""
    database, bus = connect(settings, SCHEMA)
    blobs = BlobStore(settings.blob_url)
    sources = config.watch(settings.config_dir)

    waiters = Waiters()
    verifier = TokenVerifier(database, utc_now)
    watch_line = WatchLine(bus, utc_now, limit=settings.lane_limit)
    publisher = ReportPublisher(bus, database, watch_line, settings.patience, utc_now)
    republish = RepublishDue(database, watch_line, publisher, waiters, settings.patience, utc_now)
    bus.on_loss(republish.after_loss)
    expire = ExpireBodies(database, blobs, settings.body_retention, utc_now)
    receipts.subscribe(bus, SettleReport(database, waiters))
    service = _service(
        settings,
        database=database,
        blobs=blobs,
        sources=sources,
        waiters=waiters,
        verifier=verifier,
        publisher=publisher,
    )

    runtime = Runtime(
        settings=settings,
        database=database,
        migrations=MIGRATIONS,
        bus=bus,
        verifier=verifier,
        blobs=blobs,
        watched=[sources],
        sweepers=[
            Sweeper("republish-due", settings.sweep_seconds, republish, busy_interval=_BUSY_SECONDS),
            Sweeper("expire-bodies", settings.retention_sweep_seconds, expire, busy_interval=_BUSY_SECONDS),
        ],
        on_start=[
            calm_garbage_collection,
            EnsureBootstrapToken(database, settings.bootstrap_token, utc_now),
            service.mark_started,
        ],
        on_stop=[publisher.stop],
        metrics_hooks=[MeasureBacklog(database, utc_now)],
        # What is accepted is in the database; the sweeper publishes it when Redis is back.
        bus_optional=True,
    )
    app = create_app(
        runtime=runtime,
        title="Sluice ingest",
        routers=[
            push.router,
            reports.router,
            evidence.router,
            webhooks.router,
            tokens.router,
            dead_letters.router,
        ],
    )
    app.add_exception_handler(Refused, on_refused)
    app.state.service = service
    return app


def _service(
    settings: Settings,
    *,
    database: Database,
    blobs: BlobStore,
    sources: config.WatchedSources,
    waiters: Waiters,
    verifier: TokenVerifier,
    publisher: ReportPublisher,
) -> Service:
    receiver = BodyReceiver(
        settings.limits,
        spool_bytes=settings.spool_bytes,
        spool_dir=settings.spool_dir,
        seconds=settings.max_upload_seconds,
        unpacking=asyncio.Semaphore(settings.large_at_once),
    )
    accept = AcceptReport(
        database,
        blobs,
        publisher,
        utc_now,
        bulk_bytes=settings.bulk_bytes,
        large_at_once=settings.large_at_once,
    )
    return Service(
        clock=utc_now,
        max_wire_bytes=settings.max_wire_bytes,
        introspection_credential=introspection_credential(settings.secret_key),
        receiver=receiver,
        verifier=verifier,
        accept_report=accept,
        accept_delivery=AcceptDelivery(
            sources, receiver, accept, utc_now, max_json_bytes=settings.max_webhook_json_bytes
        ),
        wait_for_report=WaitForReport(database, waiters),
        list_reports=ListReports(database),
        replay_report=ReplayReport(database, publisher, utc_now),
        create_token=CreateToken(database, utc_now),
        list_tokens=ListTokens(database),
        revoke_token=RevokeToken(database, verifier, utc_now),
    )


if __name__ == "__main__":
    run_service(Settings, build)
