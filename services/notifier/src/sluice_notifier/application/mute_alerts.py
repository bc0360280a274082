"""Take alerts out of deliveries that are about to go: those that a silence or an inhibition rule mutes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sluice_notifier.domain.delivery import DeliveryState
from sluice_notifier.domain.inhibition import inhibited_by
from sluice_notifier.domain.labels import Labels, labels_of
from sluice_notifier.domain.matching import matches_all
from sluice_notifier.domain.receivers import Routes
from sluice_notifier.domain.silence import silenced_by
from sluice_notifier.metrics import DELIVERIES
from sluice_notifier.storage import alerts, gathering, silences
from sluice_notifier.storage.gathering import Muted
from sluice_shared.contracts.events import AlertRaised
from sluice_shared.db import Tx

_STANDS_FOR = timedelta(hours=24)
"""How long an alert can inhibit others."""


async def mute_alerts(tx: Tx, routes: Routes, receivers: Mapping[UUID, str], now: datetime) -> set[UUID]:
    """Record what is muted of these deliveries as silenced ones; return the deliveries of which nothing is left.

    ``receivers`` names the receiver of each delivery.
    """
    active = await silences.active(tx, now)
    if not active and not routes.inhibit:
        return set()
    contents = await alerts.of_deliveries(tx, list(receivers))
    labelled = [(delivery_id, alert, labels_of(alert)) for delivery_id, ones in contents.items() for alert in ones]
    standing = await _standing(tx, routes, labelled, now)
    muted: list[Muted] = []
    for delivery_id, alert, labels in labelled:
        if (silence := silenced_by(active, labels)) is not None:
            muted.append(Muted(delivery_id, alert.alert_id, f"silence {silence.id}"))
        elif (rule := inhibited_by(routes.inhibit, labels, standing)) is not None:
            muted.append(Muted(delivery_id, alert.alert_id, f"inhibit rule {rule}"))
    if not muted:
        return set()
    for delivery_id in {one.delivery_id for one in muted}:
        DELIVERIES.labels(receivers[delivery_id], DeliveryState.SILENCED.value).inc()
    return await gathering.mute(tx, muted, {delivery_id: len(ones) for delivery_id, ones in contents.items()})


async def _standing(
    tx: Tx, routes: Routes, labelled: list[tuple[UUID, AlertRaised, Labels]], now: datetime
) -> list[Labels]:
    """Return the labels of alerts that might inhibit one of these."""
    targets = [
        (rule, alert) for rule in routes.inhibit for _, alert, labels in labelled if matches_all(rule.target, labels)
    ]
    if not targets:
        return []
    found = await alerts.standing(
        tx,
        findings={alert.finding.finding_id for rule, alert in targets if rule.equal[0] == "finding"},
        assets={alert.finding.asset for rule, alert in targets if rule.equal[0] == "asset"},
        teams={alert.team for rule, alert in targets if rule.equal[0] == "team"},
        since=now - _STANDS_FOR,
    )
    return [labels_of(alert) for alert in found]
