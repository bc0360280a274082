"""What the demo does, in order: tokens, three rounds of scans, a gate, and the wait for deadlines to pass."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson

from sluice_cli.demo.receivers import Inbox
from sluice_cli.errors import CommandError
from sluice_cli.local import Addresses

BACKLOG_ASSET = "repo:github.com/acme/legacy-erp"
BACKLOG_AGE = timedelta(days=40)
ROUND_STEP = timedelta(seconds=1)
WAIT_FOR_REPORT = 60
WAIT_FOR_ALERTS = 90.0
WANTED_LEVELS = frozenset({"warned", "breached"})

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What the pushes came to, by their own receipts."""

    reports: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    gate: dict[str, Any] = field(default_factory=dict)


class Scenario:
    """Plays the plan (``plan.json``) against a running platform, as an outside client would: over HTTP alone."""

    def __init__(self, folder: Path, addresses: Addresses, inbox: Inbox, say: Say) -> None:
        self._folder = folder
        self._addresses = addresses
        self._inbox = inbox
        self._say = say
        self._admin = httpx.Client(headers={"Authorization": f"Bearer {addresses.admin_token}"}, timeout=90.0)

    def play(self) -> Outcome:
        """Run everything; raises CommandError when a report is not indexed or no deadline alert arrives in time."""
        outcome = Outcome()
        pushes: list[dict[str, Any]] = orjson.loads((self._folder / "plan.json").read_bytes())
        token = self._make_token()
        start = datetime.now(UTC)
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=90.0) as pipeline:
            for number in sorted({push["round"] for push in pushes}):
                self._say(f"Round {number}")
                for push in (p for p in pushes if p["round"] == number):
                    self._push(pipeline, push, _scan_time(push, start), outcome)
                if number == 1:
                    outcome.gate = self._ask_gate()
        self._await_alerts()
        return outcome

    def get(self, url: str, **params: Any) -> Any:
        """GET JSON as the administrator."""
        response = self._admin.get(url, params=params)
        if not response.is_success:
            raise CommandError(f"{url} answered {response.status_code}: {response.text[:300]}")
        return response.json()

    def _make_token(self) -> str:
        body = {
            "name": "demo-pipeline",
            "scopes": ["push"],
            "assets": ["repo:github.com/acme/*", "image:registry.acme.io/*"],
        }
        response = self._admin.post(f"{self._addresses.ingest}/v1/tokens", json=body)
        if response.status_code != httpx.codes.CREATED:
            raise CommandError(f"no token was made: {response.status_code} {response.text[:300]}")
        token: str = response.json()["token"]
        return token

    def _push(self, pipeline: httpx.Client, push: dict[str, Any], scanned_at: datetime, outcome: Outcome) -> None:
        params = {
            "asset": push["asset"],
            "ref": push["ref"],
            "commit": push["commit"],
            "category": push["category"],
            "scanned_at": scanned_at.isoformat(),
        }
        body = (self._folder / push["file"]).read_bytes()
        accepted = pipeline.post(f"{self._addresses.ingest}/v1/reports", params=params, content=body)
        if accepted.status_code != httpx.codes.ACCEPTED:
            raise CommandError(f"{push['file']} was refused: {accepted.status_code} {accepted.text[:300]}")
        report_id = accepted.json()["report_id"]
        report = self.get(f"{self._addresses.ingest}/v1/reports/{report_id}", wait=WAIT_FOR_REPORT)
        if report["status"] != "indexed":
            raise CommandError(f"{push['file']} is {report['status']}: {report['reason']}")
        outcome.reports += 1
        counts = report["counts"]
        for name, value in counts.items():
            outcome.counts[name] = outcome.counts.get(name, 0) + value
        changes = ", ".join(
            f"{counts[name]} {name}" for name in ("new", "reopened", "resolved", "updated", "unchanged") if counts[name]
        )
        name = f"{push['asset']}@{push['ref']}"
        self._say(
            f"  {name:<42} {report['scanner']:<10} {counts['observations']:>4} observations: {changes or 'nothing'}"
        )
        self._say(f"      {push['why']}")

    def _ask_gate(self) -> dict[str, Any]:
        gate: dict[str, Any] = self.get(
            f"{self._addresses.risk_index}/v1/gate", asset="repo:github.com/acme/shop", ref="pull/42", base="main"
        )
        self._say(f"Gate for pull/42 of the shop: {gate['verdict']}")
        return gate

    def _await_alerts(self) -> None:
        self._say("Waiting for warnings and breaches (the demo's deadlines are seconds) …")
        end = time.monotonic() + WAIT_FOR_ALERTS
        while missing := WANTED_LEVELS - self._levels():
            if time.monotonic() > end:
                raise CommandError(f"no alert of level {', '.join(sorted(missing))} arrived in {WAIT_FOR_ALERTS:.0f} s")
            time.sleep(0.2)
        self._await_quiet(end)

    def _await_quiet(self, end: float) -> None:
        """Wait until no delivery is due, so that the summary's figures stand still."""
        while time.monotonic() < end:
            if not self.get(f"{self._addresses.notifier}/v1/deliveries", state="due", limit=1)["items"]:
                return
            time.sleep(0.2)

    def _levels(self) -> set[str]:
        return {body["level"] for body in self._inbox.at("/webhook")}


def _scan_time(push: dict[str, Any], start: datetime) -> datetime:
    """Rounds follow each other by seconds; the backlog's first scan lies long back."""
    if push["asset"] == BACKLOG_ASSET and push["round"] == 1:
        return start - BACKLOG_AGE
    number: int = push["round"]
    return start + ROUND_STEP * (number - 1)
