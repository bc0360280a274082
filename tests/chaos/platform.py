"""A platform of the run's own: servers, services and configuration in one folder."""

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import redis
from tests.chaos.receiver import Receiver
from tests.chaos.supervisor import Supervisor

from sluice_cli.local.processes import MODULES
from sluice_shared.embedded import EmbeddedPostgres, EmbeddedRedis, free_port

REPLICAS = {"normaliser": 2, "risk-index": 2}
TOKEN = "slu_the-administrator-of-the-chaos"
CLAIM_SECONDS = 4.5
"""How long a silent consumer keeps an event."""
GRACE_SECONDS = 5.0
_CLAIM_DEFAULT = 30.0
_READY_WITHIN = 90.0
_ALONE = 3.0
"""Seconds for which the services have to do without their servers."""

POLICY = """\
version: chaos
alerts: {opened: [act, attend]}
sla:
  requirements:
    - {class: attend, within: 30d}
"""
ROUTES = """\
receivers:
  - name: hook
    webhook: {url: "${SLUICE_CHAOS_RECEIVER}", allow_private: true}
route: {receiver: hook, group_by: [team, level, asset], group_wait: 0s, group_interval: 1s}
"""

# Patience is short, so that a fault is made good within seconds. All of these are settings that anybody may use.
SETTINGS: Mapping[str, str] = {
    "SLUICE_LOG_LEVEL": "INFO",
    "SLUICE_CLAIM_SCALE": str(CLAIM_SECONDS / _CLAIM_DEFAULT),
    "SLUICE_SHUTDOWN_GRACE": str(GRACE_SECONDS),
    "SLUICE_LOCK_TIMEOUT": "5",
    "SLUICE_FIRST_REPUBLISH_SECONDS": "4",
    "SLUICE_MAX_REPUBLISH_SECONDS": "8",
    "SLUICE_MAX_PUBLICATIONS": "100",
    "SLUICE_REF_RETENTION_DAYS": "3650",
    "SLUICE_ALERT_RETRY": "3",
    "SLUICE_DELIVERY_TIMEOUT": "5",
    "SLUICE_TIMER_INTERVAL": "1",
}


class Platform:
    """Runs from the beginning of the block to its end, and then is gone without a trace, unless ``keep`` is set."""

    def __init__(self, receiver: Receiver, *, durable: bool = True, keep: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-chaos-"))
        self.logs = self.folder / "logs"
        self.keep = keep
        servers = self.folder / "servers"
        # What a power cut would take does not matter where only processes die.
        self.postgres = EmbeddedPostgres(servers, port=free_port(), settings={} if durable else {"fsync": "off"})
        self.redis = EmbeddedRedis(servers, port=free_port())
        self._receiver = receiver
        self.supervisor: Supervisor
        self.urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def flush(self) -> None:
        """Make Redis forget everything."""
        with redis.Redis.from_url(self.redis.url) as client:
            client.flushall()

    def _start(self) -> None:
        # The servers have made their passwords after this; then they are away again while the services start.
        for server in (self.postgres, self.redis):
            server.start()
            server.stop()
        config = self.folder / "config"
        config.mkdir()
        (config / "policy.yaml").write_text(POLICY)
        (config / "routes.yaml").write_text(ROUTES)
        ports: set[int] = set()
        while len(ports) < len(MODULES):
            ports.add(free_port())
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in zip(MODULES, sorted(ports), strict=True)}
        self.supervisor = Supervisor(self._environment(config), self.logs, replicas=REPLICAS)
        self.supervisor.start()
        time.sleep(_ALONE)
        self.redis.start()
        self.postgres.start()
        self._await_ready()

    def _environment(self, config: Path) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
        return {
            **own,
            **SETTINGS,
            "SLUICE_DATABASE_URL": self.postgres.url,
            "SLUICE_REDIS_URL": self.redis.url,
            "SLUICE_BLOB_URL": (self.folder / "blobs").as_uri(),
            "SLUICE_CONFIG": str(config),
            "SLUICE_SECRET_KEY": "a key of the chaos only, long enough",
            "SLUICE_BOOTSTRAP_TOKEN": TOKEN,
            "SLUICE_INGEST_URL": self.urls["ingest"],
            "SLUICE_PUBLIC_URL": self.urls["risk-index"],
            "SLUICE_CHAOS_RECEIVER": self._receiver.url,
            "SLUICE_ALLOW_PRIVATE_TARGETS": "true",
            **{f"SLUICE_{s.upper().replace('-', '_')}_PORT": url.rpartition(":")[2] for s, url in self.urls.items()},
        }

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        waiting = dict(self.urls)
        with httpx.Client(timeout=2.0) as http:
            while waiting:
                for name, url in list(waiting.items()):
                    try:
                        if http.get(f"{url}/readyz").status_code == httpx.codes.OK:
                            del waiting[name]
                    except httpx.HTTPError:
                        continue
                if waiting and time.monotonic() > deadline:
                    raise TimeoutError(f"{', '.join(waiting)} not ready; the logs: {self._ends_of_logs()}")
                time.sleep(0.1)

    def _ends_of_logs(self) -> str:
        logs = sorted(self.logs.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    def _stop(self) -> None:
        try:
            if self.urls:
                self.supervisor.stop()
        finally:
            self.redis.stop()
            self.postgres.stop()
            if not self.keep:
                shutil.rmtree(self.folder, ignore_errors=True)
