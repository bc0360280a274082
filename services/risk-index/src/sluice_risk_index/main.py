"""Puts the risk index together and runs it: `python -m sluice_risk_index.main`."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from sluice_risk_index.application.apply_exceptions import ApplyExceptions
from sluice_risk_index.application.apply_findings import ApplyFindings
from sluice_risk_index.application.decide import Decide
from sluice_risk_index.application.end_decisions import EndDecisions
from sluice_risk_index.application.export_findings import ExportFindings
from sluice_risk_index.application.follow_exceptions import FollowExceptions
from sluice_risk_index.application.judge_gate import JudgeGate
from sluice_risk_index.application.list_assets import ListAssets
from sluice_risk_index.application.list_evidence import ListEvidence
from sluice_risk_index.application.list_exceptions import ListExceptions
from sluice_risk_index.application.list_findings import ListFindings
from sluice_risk_index.application.manage_exceptions import ManageExceptions
from sluice_risk_index.application.measure_groups import MeasureGroups, ReadTrend
from sluice_risk_index.application.measure_portfolio import MeasurePortfolio
from sluice_risk_index.application.measure_risk import MeasureRisk
from sluice_risk_index.application.plan_policy import PlanPolicy
from sluice_risk_index.application.prune_emissions import PruneEmissions
from sluice_risk_index.application.publish_alerts import Patience, PublishAlerts
from sluice_risk_index.application.read_audit import ReadAudit
from sluice_risk_index.application.recalculate import Recalculate
from sluice_risk_index.application.refresh_feeds import RefreshFeeds, Rescore
from sluice_risk_index.application.remind_reviews import RemindReviews
from sluice_risk_index.application.replay_alerts import ReplayAlerts
from sluice_risk_index.application.settle_alerts import SettleAlerts
from sluice_risk_index.application.show_finding import ShowFinding
from sluice_risk_index.application.snapshot_index import SnapshotIndex
from sluice_risk_index.application.sweep_timers import SweepTimers
from sluice_risk_index.application.take_evidence import TakeEvidence
from sluice_risk_index.domain.feeds import FeedName
from sluice_risk_index.domain.in_force import InForce
from sluice_risk_index.settings import Settings
from sluice_risk_index.storage import config, exception_files
from sluice_risk_index.storage.facets import FacetBook
from sluice_risk_index.storage.tables import SCHEMA
from sluice_risk_index.transport import alerts as alert_routes
from sluice_risk_index.transport import decisions, evidence, exceptions, feeds, findings, gate, index, policy, portfolio
from sluice_risk_index.transport.service import Service
from sluice_risk_index.transport.subscribers import subscribe
from sluice_shared.auth import IntrospectingVerifier
from sluice_shared.blobs import BlobStore
from sluice_shared.http import create_app, dead_letters
from sluice_shared.runtime import Runtime, calm_garbage_collection, connect, run_service
from sluice_shared.sweeper import Sweeper

MIGRATIONS = Path(__file__).parent / "storage" / "migrations"
# Seconds.
_BUSY = 0.05
_BREAK = 0.01
_ALERTS_EVERY = 5.0
_RULES_EVERY = 2.0
_STUCK_EVERY = 30.0
_PRUNE_EVERY = 600.0
_OWNERS_EVERY = 300.0
_EXCEPTIONS_EVERY = 1.0
_REVIEWS_EVERY = 60.0


def build(settings: Settings) -> FastAPI:
    """Wire the service; nothing is connected before the application starts. Raises ConfigError."""
    database, bus = connect(settings, SCHEMA)
    rules = config.watch(settings.config_dir, settings.public_url)
    exemptions = exception_files.watch(settings.config_dir, lambda: rules.value.rules.policy.acceptance)
    facets = FacetBook()

    def excuse_now() -> None:
        excusing.wake()

    follow = FollowExceptions(database, excuse_now)

    def in_force() -> InForce:
        return rules.value.with_exemptions(follow.with_files(exemptions.value))

    async def propose(files: Mapping[str, str]) -> InForce:
        present = in_force()
        proposed = await asyncio.to_thread(config.propose, files, present.rules)
        return InForce(proposed, settings.public_url, present.exemptions)

    patience = Patience(base=settings.alert_retry, most=settings.max_alert_publications)
    publish = PublishAlerts(database, bus, patience, in_line=settings.alerts_in_line)
    bus.on_loss(publish.after_loss)
    alerts = Sweeper("publish-alerts", _ALERTS_EVERY, publish, busy_interval=0.0)
    apply = ApplyFindings(database, bus, facets, in_force, alerts.wake)
    timers = SweepTimers(database, facets, in_force, alerts.wake)
    recalculation = Sweeper("recalculate", _RULES_EVERY, Recalculate(database, facets, in_force), busy_interval=_BREAK)
    rules.on_change(lambda _: recalculation.wake())
    excuse = ApplyExceptions(database, facets, in_force, alerts.wake)
    excusing = Sweeper("apply-exceptions", settings.timer_interval, excuse)
    exemptions.on_change(lambda _: excuse_now())
    following = Sweeper("follow-exceptions", _EXCEPTIONS_EVERY, follow)
    rescoring = Sweeper("rescore", _STUCK_EVERY, Rescore(database, facets, in_force, alerts.wake), busy_interval=0.0)
    urls = {FeedName.EPSS: settings.epss_url, FeedName.KEV: settings.kev_url}
    known_urls = {name: url for name, url in urls.items() if url}
    refresh_feeds = RefreshFeeds(database, known_urls, rescoring.wake, most=settings.max_feed_bytes)
    list_exceptions = ListExceptions(database, in_force)
    snapshot = SnapshotIndex(
        database, in_force, every=timedelta(seconds=settings.snapshot_interval / 2), kept_days=settings.snapshot_days
    )
    list_evidence = ListEvidence(database, in_force)
    blobs = BlobStore(settings.blob_url)
    take = TakeEvidence(database, bus, blobs, in_force, rescoring.wake, max_bytes=settings.max_evidence_bytes)
    subscribe(bus, apply, SettleAlerts(database), take, chunks_at_once=settings.chunks_at_once)
    service = Service(
        list_findings=ListFindings(database),
        export_findings=ExportFindings(database, ListFindings(database)),
        show_finding=ShowFinding(database, in_force),
        list_assets=ListAssets(database),
        measure_portfolio=MeasurePortfolio(database, in_force),
        measure_groups=MeasureGroups(database, in_force),
        read_trend=ReadTrend(database),
        judge_gate=JudgeGate(database, in_force),
        replay_alerts=ReplayAlerts(database),
        decide=Decide(database, facets, in_force, alerts.wake),
        read_audit=ReadAudit(database),
        list_exceptions=list_exceptions,
        list_evidence=list_evidence,
        manage_exceptions=ManageExceptions(database, in_force, following.wake),
        feed_editions=refresh_feeds.editions,
        plan_policy=PlanPolicy(database, in_force),
        propose=propose,
    )
    runtime = Runtime(
        settings=settings,
        database=database,
        migrations=MIGRATIONS,
        bus=bus,
        verifier=IntrospectingVerifier(settings.ingest_url, settings.secret_key),
        watched=[rules, exemptions],
        sweepers=[
            alerts,
            Sweeper("timers", settings.timer_interval, timers, busy_interval=0.0),
            Sweeper(
                "end-decisions",
                settings.timer_interval,
                EndDecisions(database, facets, in_force, alerts.wake),
                busy_interval=_BUSY,
            ),
            recalculation,
            following,
            excusing,
            Sweeper("review-reminders", _REVIEWS_EVERY, RemindReviews(database, in_force, alerts.wake)),
            Sweeper("feeds", settings.feed_interval, refresh_feeds),
            rescoring,
            Sweeper("exception-metrics", settings.metrics_interval, list_exceptions.measure),
            Sweeper("ownership-metrics", _OWNERS_EVERY, list_evidence.measure),
            Sweeper("risk-metrics", settings.metrics_interval, MeasureRisk(database, in_force)),
            Sweeper("snapshot-index", settings.snapshot_interval, snapshot),
            Sweeper("stuck-alerts", _STUCK_EVERY, publish.count_stuck),
            Sweeper("prune-emissions", _PRUNE_EVERY, PruneEmissions(database)),
        ],
        on_start=[calm_garbage_collection, follow.load, service.mark_started],
    )
    app = create_app(
        runtime=runtime,
        title="Sluice risk index",
        routers=[
            findings.router,
            decisions.router,
            exceptions.router,
            evidence.router,
            feeds.router,
            policy.router,
            portfolio.router,
            index.router,
            gate.router,
            alert_routes.router,
            dead_letters.router,
        ],
    )
    app.state.service = service
    return app


if __name__ == "__main__":
    run_service(Settings, build)
