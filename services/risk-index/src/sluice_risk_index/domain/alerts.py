"""Alerts: when one is raised, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from sluice_risk_index.domain.catalogue import Asset, Catalogue
from sluice_risk_index.domain.change import Digest
from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.domain.finding import Finding
from sluice_risk_index.domain.sla import Step
from sluice_shared.contracts.events import AlertLevel

_NAMESPACE = uuid5(NAMESPACE_URL, "https://sluice.dev/alerts")
_MOST_NAMES = 20
# Steps of digests: beyond those of any policy, and within what the column holds.
_FIRST_DIGEST, _DIGESTS = 1_000, 30_000
_LONGEST_TITLE = 1000


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is kept until it is settled. The same happening always has the same id."""

    id: UUID
    asset_id: UUID
    finding_id: UUID
    level: AlertLevel
    step: int
    clock: int
    team: str
    payload: str


class AlertWriter:
    """Writes the alerts of findings: self-contained, with the owner's contact and a link.

    The payload is the JSON of :class:`~sluice_shared.contracts.events.AlertRaised`. It is written straight from the
    finding: thousands are raised at once when a deadline passes, and models would cost more than all the rest.
    """

    def __init__(self, catalogue: Catalogue, public_url: str) -> None:
        self._catalogue = catalogue
        self._base = public_url.rstrip("/")
        self._contacts: dict[str, orjson.Fragment] = {}
        self._labels: dict[str, dict[str, str]] = {}

    def on_step(self, finding: Finding, asset: str, step: Step, now: datetime) -> Alert:
        """Write the alert of an SLA step."""
        labels = {"escalation": step.to} if step.to else None
        return self.write(finding, asset, step.level, now, step=step.number, labels=labels)

    def digest(self, worst: Finding, asset: str, digest: Digest, rules: str, now: datetime, *, walk: int) -> Alert:
        """Write what a change of rules, applied by this walk, means to an owner: one alert, shown at the worst finding.

        Its level is that of the worst it tells of; a label tells it from alerts of single findings.
        """
        level = AlertLevel.BREACHED if digest.breached else AlertLevel.WARNED
        title = f"{digest.sentence(rules)}. First: {worst.title}"
        return self.write(
            worst, asset, level, now, step=_FIRST_DIGEST + walk % _DIGESTS, title=title, labels={"digest": "policy"}
        )

    def write(
        self,
        finding: Finding,
        asset: str,
        level: AlertLevel,
        now: datetime,
        *,
        step: int = 0,
        title: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Alert:
        """Write the alert of this level for the present clock of the finding, its title unless there is another."""
        alert_id = uuid5(_NAMESPACE, f"{finding.id}/{level.value}/{step}/{finding.clock}")
        known = self._labels_of(asset)
        raised = {
            "version": 1,
            "alert_id": alert_id,
            "level": level,
            "step": step,
            "clock": finding.clock,
            "raised_at": now,
            "team": finding.team,
            "tier": finding.tier,
            "contact": self._contact_of(finding.team),
            "finding": {
                "finding_id": str(finding.id),
                "asset": asset,
                "title": title or finding.title,
                "kind": finding.kind,
                "severity": finding.severity,
                "risk_class": finding.risk_class,
                "score": finding.score,
                "scanners": finding.scanners,
                "rule_id": finding.rule_id,
                "identifiers": finding.identifiers[:_MOST_NAMES],
                "location": finding.location,
                "package": finding.package,
                "fix_action": finding.fix_action,
                "refs": finding.refs[:_MOST_NAMES],
                "first_seen_at": finding.first_seen_at,
                "due_at": finding.due_at,
                "url": f"{self._base}/v1/findings/{finding.id}",
            },
            "labels": {**known, **_decided(finding), **(labels or {})},
        }
        return Alert(
            id=alert_id,
            asset_id=finding.asset_id,
            finding_id=finding.id,
            level=level,
            step=step,
            clock=finding.clock,
            team=finding.team,
            payload=orjson.dumps(raised).decode(),
        )

    def on_review(self, entry: Exemption, team: str, riskiest: Mapping[str, Any], due: date, now: datetime) -> Alert:
        """Write the reminder that an exception's review is due, to a team, about the riskiest finding that it covers.

        It stands for the exception, not for that finding: each review of each exception is told to a team once.
        """
        subject = uuid5(_NAMESPACE, f"exception/{entry.id}/{team}")
        covers = "1 finding" if riskiest["number"] == 1 else f"{riskiest['number']} findings"
        clock = due.toordinal()
        alert_id = uuid5(_NAMESPACE, f"{subject}/review/0/{clock}")
        raised = {
            "version": 1,
            "alert_id": alert_id,
            "level": AlertLevel.REVIEW,
            "step": 0,
            "clock": clock,
            "raised_at": now,
            "team": team,
            "tier": riskiest["tier"],
            "contact": self._contact_of(team),
            "finding": {
                "finding_id": str(subject),
                "asset": riskiest["asset"],
                "title": f"Exception {entry.id} covers {covers} until {entry.expires}: {entry.reason}"[:_LONGEST_TITLE],
                "kind": riskiest["kind"],
                "severity": riskiest["severity"],
                "risk_class": riskiest["risk_class"],
                "score": riskiest["score"],
                "scanners": [],
                "rule_id": f"exception:{entry.id}",
                "identifiers": [],
                "location": riskiest["title"],
                "package": None,
                "fix_action": None,
                "refs": [],
                "first_seen_at": entry.begins,
                "due_at": datetime.combine(entry.expires, time.min, UTC),
                "url": f"{self._base}/v1/exceptions",
            },
            "labels": {**self._labels_of(riskiest["asset"]), "exception": entry.id, "approver": entry.approver},
        }
        return Alert(
            id=alert_id,
            asset_id=riskiest["asset_id"],
            finding_id=subject,
            level=AlertLevel.REVIEW,
            step=0,
            clock=clock,
            team=team,
            payload=orjson.dumps(raised).decode(),
        )

    def _contact_of(self, team: str) -> orjson.Fragment:
        contact = self._contacts.get(team)
        if contact is None:
            contact = self._contacts[team] = orjson.Fragment(self._catalogue.contact(team).model_dump_json())
        return contact

    def _labels_of(self, asset: str) -> dict[str, str]:
        labels = self._labels.get(asset)
        if labels is None:
            labels = self._labels[asset] = _labels(self._catalogue.asset(asset))
        return labels


def batch_body(payloads: list[str]) -> bytes:
    """Join stored alerts into the JSON of one :class:`~sluice_shared.contracts.events.AlertsRaised`."""
    return orjson.dumps({"version": 1, "alerts": [orjson.Fragment(payload) for payload in payloads]})


def _decided(finding: Finding) -> dict[str, str]:
    return {"decision": finding.decision.value} if finding.excused else {}


def _labels(asset: Asset) -> dict[str, str]:
    labels = {"environment": asset.environment, "data_class": asset.data_class, "exposure": asset.exposure.value}
    tags = {f"tag:{tag}": "true" for tag in asset.tags}
    return {name: value for name, value in labels.items() if value} | tags
