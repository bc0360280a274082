"""Wiring of the normaliser; ``python -m sluice_normaliser.main`` runs it."""

from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from sluice_normaliser.application.change_identity import ChangeIdentity
from sluice_normaliser.application.explain_identity import ExplainIdentity
from sluice_normaliser.application.normalise_report import NormaliseReport
from sluice_normaliser.application.plan_identity import PlanIdentity
from sluice_normaliser.application.publish_actions import PublishActions
from sluice_normaliser.application.publish_changes import Publisher
from sluice_normaliser.application.rename_asset import RenameAsset
from sluice_normaliser.application.tidy_refs import Tidying
from sluice_normaliser.application.workers import Workers
from sluice_normaliser.domain.algorithms import InForce
from sluice_normaliser.domain.lifecycle import Hold
from sluice_normaliser.settings import Settings
from sluice_normaliser.storage import config
from sluice_normaliser.storage.tables import SCHEMA
from sluice_normaliser.transport import identity
from sluice_normaliser.transport.consumers import subscribe
from sluice_shared.auth import IntrospectingVerifier
from sluice_shared.blobs import BlobStore
from sluice_shared.http import create_app, dead_letters
from sluice_shared.runtime import Runtime, connect, run_service
from sluice_shared.sweeper import Sweeper

ACTIONS_EVERY = 2.0
STUCK_EVERY = 30.0
MIGRATIONS = Path(__file__).parent / "storage" / "migrations"


def build(settings: Settings) -> FastAPI:
    """Assemble the service; nothing is connected before the application starts."""
    database, bus = connect(settings, SCHEMA)
    blobs = BlobStore(settings.blob_url)
    secret_key = settings.secret_key.get_secret_value()
    mappings = config.watch(settings.config_dir)
    workers = Workers(
        processes=settings.parse_workers,
        secret_key=secret_key.encode(),
        timeout=settings.parse_timeout,
        mappings=mappings.value,
    )
    mappings.on_change(workers.take_over)
    publisher = Publisher(database, bus)
    hold = Hold(settings.hold_share, settings.hold_minimum)
    force = InForce.of(on=settings.identity_on, trial=settings.identity_trial)
    actions = PublishActions(database, bus, publisher, in_line=settings.findings_in_line)
    bus.on_loss(actions.after_loss)
    normalise = NormaliseReport(
        database,
        blobs,
        workers,
        publisher,
        max_body_bytes=settings.max_report_bytes,
        hold=hold,
        tidying=Tidying(timedelta(days=settings.ref_retention_days), tuple(settings.kept_refs)),
        force=force,
    )
    subscribe(
        bus,
        normalise,
        actions,
        max_at_once=settings.reports_at_once,
        in_line=settings.findings_in_line,
        bulk_in_line=settings.bulk_findings_in_line,
    )
    runtime = Runtime(
        settings=settings,
        database=database,
        migrations=MIGRATIONS,
        bus=bus,
        verifier=IntrospectingVerifier(settings.ingest_url, secret_key),
        blobs=blobs,
        on_start=[workers.start],
        on_stop=[workers.stop],
        watched=[mappings],
        sweepers=[
            Sweeper("publish-actions", ACTIONS_EVERY, actions),
            Sweeper("stuck-actions", STUCK_EVERY, actions.count_stuck),
        ],
    )
    app = create_app(runtime=runtime, title="Sluice normaliser", routers=[identity.router, dead_letters.router])
    app.state.explain_identity = ExplainIdentity(database, force)
    app.state.plan_identity = PlanIdentity(database, force)
    app.state.rename_asset = RenameAsset(database, actions, hold=hold, force=force)
    app.state.change_identity = ChangeIdentity(database, actions)
    app.state.publish_actions = actions
    return app


def main() -> None:
    """Run the service until it is told to stop."""
    run_service(Settings, build)


if __name__ == "__main__":
    main()
