"""A whole run: clients and saboteur at the same time, then silence, then the comparison."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.chaos import audit
from tests.chaos.clients import Client, Register, seeded
from tests.chaos.logs import faults
from tests.chaos.mix import BEGINNING, Life
from tests.chaos.platform import CLAIM_SECONDS, GRACE_SECONDS, TOKEN, Platform
from tests.chaos.receiver import Receiver
from tests.chaos.saboteur import Saboteur

ASSETS_EACH = 3
_JOIN_WITHIN = 120.0
_EXIT_SECONDS = 1.0
"""What a process may need on top of its grace to be gone."""


@dataclass
class Result:
    """How a run ended; good when ``differences`` is empty."""

    figures: dict[str, Any]
    differences: list[str] = field(default_factory=list)


def chaos(
    *,
    seconds: float,
    seed: int,
    clients: int = 4,
    pause: float = 0.25,
    interval: float = 6.0,
    quiet_within: float = 120.0,
    durable: bool = True,
    keep: bool = False,
) -> Result:
    """Push for so many seconds while things break every ``interval`` seconds; then compare.

    Every other client waits for each of its reports. ``pause`` is the mean time between two pushes of a client.
    """
    receiver = Receiver(seed)
    receiver.start()
    register = Register()
    try:
        with Platform(receiver, durable=durable, keep=keep) as platform:
            everybody = _clients(platform, register, seed, clients, pause)
            saboteur = Saboteur(
                platform,
                seeded(seed, "saboteur"),
                interval=interval,
                paused_for=CLAIM_SECONDS * 1.5,
            )
            began = time.monotonic()
            for thread in (*everybody, saboteur):
                thread.start()
            _sleep_until(began + seconds, [*everybody, saboteur])
            saboteur.end()
            saboteur.join(_JOIN_WITHIN)
            for client in everybody:
                client.end()
            for client in everybody:
                client.join(_JOIN_WITHIN)
            pushing = time.monotonic() - began
            waited, left = audit.quiesce(platform.postgres.url, quiet_within)
            found = audit.read(platform.postgres.url)
            differences = audit.compare(register.pushed, found, receiver)
            supervisor = platform.supervisor
            lines = [*differences.lines, *register.complaints, *_failures([*everybody, saboteur])]
            lines += [f"still {what} after {quiet_within:.0f} s: {count}" for what, count in left.items()]
            lines += [f"not planned: {surprise}" for surprise in supervisor.surprises]
            lines += [f"in the log, {count} times: {fault}" for fault, count in faults(platform.logs).items()]
            # Whoever has to find out why will want the logs.
            platform.keep = keep or bool(lines)
    finally:
        receiver.stop()
    lines += [f"left behind: {orphan}" for orphan in supervisor.orphans]
    if saboteur.slowest_end > GRACE_SECONDS + _EXIT_SECONDS:
        lines.append(f"a service took {saboteur.slowest_end:.1f} s to end after SIGTERM, and has {GRACE_SECONDS:.0f}")
    figures = {
        **({"kept": str(platform.folder)} if platform.keep else {}),
        "seconds": round(pushing),
        "faults": sum(saboteur.done.values()),
        "faults_by_kind": dict(sorted(saboteur.done.items())),
        "processes_started": sum(service.starts for service in supervisor.services.values()),
        "pushes_answered": dict(sorted(register.answers.items())),
        "slowest_push_seconds": round(register.slowest, 2),
        "slowest_end_seconds": round(saboteur.slowest_end, 2),
        "seconds_until_quiet": round(waited, 1),
        **_state(found, receiver),
        **{name: differences.counts[name] for name in _KINDS},
    }
    return Result(figures, lines)


def _failures(threads: list[Any]) -> list[str]:
    failed = [f"{thread.name} failed: {thread.failure!r}" for thread in threads if thread.failure is not None]
    return failed + [f"{thread.name} does not end" for thread in threads if thread.is_alive()]


_KINDS = (
    "report lost", "finding wrong", "counts wrong", "index behind", "alert lost", "alert wrong", "message doubled"
)  # fmt: skip


def _clients(platform: Platform, register: Register, seed: int, count: int, pause: float) -> list[Client]:
    began = (datetime.now(UTC) - BEGINNING).replace(microsecond=0)
    return [
        Client(
            f"client-{number}",
            platform.urls["ingest"],
            TOKEN,
            [
                Life(f"repo:git.example/client-{number}/app-{letter}", seeded(seed, f"{number}{letter}"), began)
                for letter in "abcdefgh"[:ASSETS_EACH]
            ],
            register,
            patient=number % 2 == 0,
            pause=pause,
        )
        for number in range(count)
    ]


def _sleep_until(deadline: float, threads: list[Any]) -> None:
    while time.monotonic() < deadline and not any(thread.failure for thread in threads):
        time.sleep(0.2)


def _state(found: audit.Found, receiver: Receiver) -> dict[str, Any]:
    statuses = Counter(row["status"] for row in found.findings)
    return {
        "reports": dict(Counter(row["status"] for row in found.reports.values())),
        "published_more_than_once": sum(row["attempts"] > 1 for row in found.reports.values()),
        "findings": dict(statuses),
        "finding_versions": sum(row["version"] for row in found.findings),
        "alerts": dict(sorted(Counter(row["level"] for row in found.alerts).items())),
        "messages": len(receiver.messages),
        "messages_repeated_under_their_key": receiver.repeated,
    }
