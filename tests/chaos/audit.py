"""Reads the state that the platform came to, and compares it with the ledger's."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from tests.chaos.clients import Pushed
from tests.chaos.ledger import Alert, Course, Expected, Position, required_by, whatever_the_order
from tests.chaos.receiver import Receiver

_SHOWN = 40
_STILL = {
    "reports on their way": "SELECT count(*) FROM ingest.report WHERE status = 'accepted'",
    "alerts without a receipt": "SELECT count(*) FROM risk_index.alert WHERE settled_at IS NULL",
    "SLA steps due": "SELECT count(*) FROM risk_index.finding WHERE next_timer_at <= now()",
    "deliveries due": "SELECT count(*) FROM notifier.delivery WHERE state = 'due'",
}
_REPORTS = "SELECT id, idempotency_key, status, detail, sequence, scanned_at, received_at, attempts FROM ingest.report"
_FINDINGS = """
SELECT a.key AS asset, f.id, f.rule_id, f.status, f.first_seen_at, f.opened_at, f.clock, f.version,
    coalesce(f.due_at <= now(), false) AS is_over
FROM risk_index.finding f JOIN risk_index.asset a USING (asset_id)
"""
_KNOWN = """
SELECT a.key AS asset, f.id, f.status, f.version, f.first_seen_at
FROM normaliser.finding f JOIN normaliser.asset a USING (asset_id)
"""
_ALERTS = "SELECT id, finding_id, level, step, clock, attempts FROM risk_index.alert"
_SENT = """
SELECT a.id AS alert_id, da.delivery_id, d.state, d.idempotency_key FROM notifier.alert a
LEFT JOIN notifier.delivery_alert da ON da.alert_id = a.id
LEFT JOIN notifier.delivery d ON d.id = da.delivery_id
"""


@dataclass
class Found:
    """What the platform says."""

    reports: dict[str, Any]
    findings: list[Any]
    known: list[Any]
    alerts: list[Any]
    sent: list[Any]


@dataclass
class Differences:
    """What is not as the ledger says, by kind; empty when all is well."""

    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, line: str) -> None:
        """Note one."""
        self.counts[kind] += 1
        if self.counts[kind] <= _SHOWN:
            self.lines.append(f"{kind}: {line}")


def quiesce(url: str, within: float) -> tuple[float, dict[str, int]]:
    """Wait until nothing is due any more; return the seconds that took, and what is left after ``within`` seconds."""
    return asyncio.run(_quiesce(url, within))


async def _quiesce(url: str, within: float) -> tuple[float, dict[str, int]]:
    began = time.monotonic()
    connection = await asyncpg.connect(url)
    try:
        still = 0
        while True:
            left = {what: count for what, sql in _STILL.items() if (count := await connection.fetchval(sql))}
            # Twice in a row: between two of the queries something may move from one to the other.
            still = 0 if left else still + 1
            if still > 1 or time.monotonic() - began > within:
                return time.monotonic() - began, left
            await asyncio.sleep(0.25)
    finally:
        await connection.close()


def read(url: str) -> Found:
    """Read the whole state."""
    return asyncio.run(_read(url))


async def _read(url: str) -> Found:
    connection = await asyncpg.connect(url)
    try:
        reports = {row["idempotency_key"]: row for row in await connection.fetch(_REPORTS)}
        return Found(reports, *[await connection.fetch(sql) for sql in (_FINDINGS, _KNOWN, _ALERTS, _SENT)])
    finally:
        await connection.close()


def compare(pushed: Iterable[Pushed], found: Found, receiver: Receiver) -> Differences:
    """Compare everything."""
    differences = Differences()
    by_asset: dict[str, list[Pushed]] = defaultdict(list)
    for one in pushed:
        by_asset[one.scan.asset].append(one)
    _compare_reports([one for several in by_asset.values() for one in several], found, differences)
    rows: dict[str, dict[int, Any]] = defaultdict(dict)
    for row in found.findings:
        problem = int(row["rule_id"].rpartition("p")[2])
        if problem in rows[row["asset"]]:
            differences.add("finding wrong", f"{row['asset']} has {row['rule_id']} twice")
        rows[row["asset"]][problem] = row
    raised = _raised(found)
    for asset, several in sorted(by_asset.items()):
        scans = [(one, _position(one, found)) for one in several if one.scan.key in found.reports]
        _compare_findings(asset, scans, rows[asset], differences)
        _compare_alerts(asset, scans, rows[asset], raised, differences)
    _compare_copies(found, differences)
    _compare_messages(found, receiver, differences)
    return differences


def _position(one: Pushed, found: Found) -> Position:
    row = found.reports[one.scan.key]
    return Position(row["scanned_at"] or row["received_at"], row["sequence"])


def _compare_reports(pushed: list[Pushed], found: Found, differences: Differences) -> None:
    if len(found.reports) != len(pushed):
        differences.add("report lost", f"{len(pushed)} were accepted, {len(found.reports)} are known")
    for one in pushed:
        row = found.reports.get(one.scan.key)
        if row is None or str(row["id"]) != one.report_id:
            differences.add(
                "report lost", f"{one.scan.key} was accepted as {one.report_id}, and is {row and row['id']}"
            )
        elif row["status"] != "indexed":
            differences.add("report lost", f"{one.scan.key} is {row['status']}: {row['detail']}")
        elif row["scanned_at"] != one.scan.at:
            differences.add("report lost", f"{one.scan.key} was of {one.scan.at}, and is of {row['scanned_at']}")


def _compare_findings(
    asset: str, scans: list[tuple[Pushed, Position]], rows: dict[int, Any], differences: Differences
) -> None:
    expected = whatever_the_order((one.scan, position) for one, position in scans)
    if all(one.waited for one, _ in scans):
        course = Course()
        for one, position in sorted(scans, key=lambda entry: entry[1].sequence):
            _compare_counts(one, course.apply(one.scan, position), differences)
        for problem, either in expected.items():
            own = course.findings[problem]
            if (own.open, own.first_seen) != (either.open, either.first_seen):
                differences.add("ledger", f"{asset} p{problem}: it contradicts itself: {own} and {either}")
        expected = course.findings
    for problem in sorted(expected.keys() | rows.keys()):
        line = _difference(expected.get(problem), rows.get(problem))
        if line:
            differences.add("finding wrong", f"{asset} p{problem}: {line}")


def _compare_counts(one: Pushed, counts: Any, differences: Differences) -> None:
    if one.counts is None:
        return
    said = {name: one.counts[name] for name in ("new", "reopened", "resolved")}
    wanted = {"new": counts.new, "reopened": counts.reopened, "resolved": counts.resolved}
    if said != wanted:
        differences.add("counts wrong", f"{one.scan.key}: the receipt says {said}, it was {wanted}")


def _difference(expected: Expected | None, row: Any) -> str:
    if expected is None:
        return f"is {row['status']}, and nobody pushed it"
    if row is None:
        return f"is missing, and must be {'open' if expected.open else 'resolved'}"
    wrong = []
    if (row["status"] == "open") is not expected.open:
        wrong.append(f"is {row['status']}, and must be {'open' if expected.open else 'resolved'}")
    if row["first_seen_at"] != expected.first_seen:
        wrong.append(f"first seen {_time(row['first_seen_at'])}, and must be {_time(expected.first_seen)}")
    if expected.clock is not None and row["clock"] != expected.clock:
        wrong.append(f"on clock {row['clock']}, and must be on {expected.clock}")
    if expected.open and expected.opened is not None and row["opened_at"] != expected.opened:
        wrong.append(f"opened {_time(row['opened_at'])}, and must be {_time(expected.opened)}")
    return "; ".join(wrong)


def _raised(found: Found) -> dict[Any, set[tuple[str, int]]]:
    raised: dict[Any, set[tuple[str, int]]] = defaultdict(set)
    for row in found.alerts:
        raised[row["finding_id"]].add((row["level"], row["clock"]))
    return raised


def _compare_alerts(
    asset: str,
    scans: list[tuple[Pushed, Position]],
    rows: dict[int, Any],
    by_finding: dict[Any, set[tuple[str, int]]],
    differences: Differences,
) -> None:
    raised = {Alert(problem, level, clock) for problem, row in rows.items() for level, clock in by_finding[row["id"]]}
    state = {p: (row["status"] == "open", row["clock"], row["is_over"]) for p, row in rows.items()}
    required = required_by(state, raised)
    possible = {
        Alert(problem, level, clock)
        for problem, row in rows.items()
        for clock in range(row["clock"] + 1)
        for level in ("resolved", "breached", "reopened" if clock else "opened")
    }
    if all(one.waited for one, _ in scans):
        course = Course()
        for one, position in sorted(scans, key=lambda entry: entry[1].sequence):
            course.apply(one.scan, position)
        required |= course.alerts
        # Whether a finding was open for long enough to be found in breach depends on when the timers looked.
        possible = required | {alert for alert in possible if alert.level == "breached"}
    for alert in sorted(required - raised):
        differences.add("alert lost", f"{asset} p{alert.problem}: no alert '{alert.level}' of clock {alert.clock}")
    for alert in sorted(raised - possible):
        differences.add("alert wrong", f"{asset} p{alert.problem}: alert '{alert.level}' of clock {alert.clock}")


def _compare_copies(found: Found, differences: Differences) -> None:
    """The index must be at the version that the normaliser is at, for every finding."""
    known = {row["id"]: row for row in found.known}
    indexed = {row["id"]: row for row in found.findings}
    for finding_id in known.keys() | indexed.keys():
        own, copy = known.get(finding_id), indexed.get(finding_id)
        if own is None or copy is None or own["version"] != copy["version"]:
            where = (own or copy)["asset"]
            differences.add(
                "index behind", f"{where} {finding_id}: {own and own['version']}, {copy and copy['version']}"
            )


def _compare_messages(found: Found, receiver: Receiver, differences: Differences) -> None:
    deliveries = Counter(str(row["alert_id"]) for row in found.sent if row["delivery_id"] is not None)
    received = receiver.alerts()
    unsent = {str(row["alert_id"]) for row in found.sent if row["state"] != "sent"}
    for alert in found.alerts:
        name = str(alert["id"])
        if deliveries[name] != 1:
            differences.add("alert lost", f"{name} has {deliveries[name]} deliveries")
        elif name in unsent:
            differences.add("alert lost", f"{name}: its delivery was not sent")
        if received[name] != 1:
            kind = "message doubled" if received[name] else "alert lost"
            differences.add(kind, f"alert {name} is in {received[name]} messages")
    for name in received.keys() - {str(alert["id"]) for alert in found.alerts}:
        differences.add("message doubled", f"{name} was never raised")
    for key in receiver.altered:
        differences.add("message doubled", f"under the key {key} came two different messages")


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
