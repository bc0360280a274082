"""Assembles servers, services and addresses."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from sluice_cli.errors import CommandError
from sluice_cli.local.processes import MODULES, Services
from sluice_cli.local.secrets import load_or_make
from sluice_shared.embedded import EmbeddedError, EmbeddedStack, free_port

READY_TIMEOUT = 90.0
SIGNAL_STATUS = {130, 143}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the platform listens, and the token that opens it."""

    urls: Mapping[str, str]
    admin_token: str
    data: Path

    @property
    def ingest(self) -> str:
        """Address of ingest."""
        return self.urls["ingest"]

    @property
    def risk_index(self) -> str:
        """Address of risk-index."""
        return self.urls["risk-index"]

    @property
    def notifier(self) -> str:
        """Address of notifier."""
        return self.urls["notifier"]


class Platform:
    """One embedded platform over one data folder.

    With ``SLUICE_DATABASE_URL`` and ``SLUICE_REDIS_URL`` in the environment those servers are used, none is started.
    """

    def __init__(
        self,
        data: Path,
        *,
        base_port: int = 8080,
        environment: Mapping[str, str] | None = None,
        replicas: Mapping[str, int] | None = None,
        echo: bool = False,
    ) -> None:
        self.data = data.resolve()
        self._base_port = base_port
        self._environment = dict(environment or {})
        self._replicas = dict(replicas or {})
        self._echo = echo
        self.stack: EmbeddedStack | None = None
        self._services: Services | None = None

    def end(self) -> None:
        """Ask the running platform to end; may be called from ``when_ready``."""
        if self._services is not None:
            self._services.end()

    def run(self, when_ready: Callable[[Addresses], None]) -> int:
        """Start everything, call ``when_ready`` (in a thread of its own) once all answer, and run until told to stop.

        Returns an exit status: 0 after a signal. Raises CommandError when something does not start. Everything that
        was started is stopped, and nothing else. An exception in ``when_ready`` stops the platform and is raised here.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        pid_file = self.data / "up.pid"
        try:
            servers = self._start_servers()
            try:
                pid_file.write_text(str(os.getpid()))
                return self._run_services(servers, when_ready)
            finally:
                pid_file.unlink(missing_ok=True)
                if self.stack is not None:
                    self.stack.stop()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def _start_servers(self) -> dict[str, str]:
        given = {name: os.environ.get(name) for name in ("SLUICE_DATABASE_URL", "SLUICE_REDIS_URL")}
        if all(given.values()):
            return {name: value for name, value in given.items() if value}
        if any(given.values()):
            missing = next(name for name, value in given.items() if not value)
            raise CommandError(
                f"{missing} is not set: set both URLs, or neither to use the embedded servers", exit_code=2
            )
        self.stack = EmbeddedStack(self.data)
        self.stack.start()
        return {"SLUICE_DATABASE_URL": self.stack.postgres.url, "SLUICE_REDIS_URL": self.stack.redis.url}

    def _run_services(self, servers: Mapping[str, str], when_ready: Callable[[Addresses], None]) -> int:
        secrets = load_or_make(self.data / "secrets.json")
        ports: dict[str, int] = {}
        for offset, service in enumerate(MODULES):
            ports[service] = _distinct_port(self._base_port + offset, set(ports.values()))
        urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        environment = {
            **os.environ,
            "SLUICE_BLOB_URL": os.environ.get("SLUICE_BLOB_URL") or (self.data / "blobs").as_uri(),
            "SLUICE_LOG_FORMAT": os.environ.get("SLUICE_LOG_FORMAT") or "json",
            "SLUICE_SHUTDOWN_GRACE": os.environ.get("SLUICE_SHUTDOWN_GRACE") or "4",
            "SLUICE_PUBLIC_URL": os.environ.get("SLUICE_PUBLIC_URL") or urls["risk-index"],
            **servers,
            **self._environment,
            "SLUICE_SECRET_KEY": secrets.secret_key,
            "SLUICE_BOOTSTRAP_TOKEN": secrets.admin_token,
            "SLUICE_INGEST_URL": urls["ingest"],
            **{f"SLUICE_{s.upper().replace('-', '_')}_PORT": str(port) for s, port in ports.items()},
        }
        services = self._services = Services(environment, self.data / "logs", replicas=self._replicas, echo=self._echo)
        addresses = Addresses(urls, secrets.admin_token, self.data)
        failures: list[BaseException] = []
        watcher = threading.Thread(
            target=_watch, args=(services, addresses, when_ready, failures), name="ready-watch", daemon=True
        )
        watcher.start()
        status = services.run()
        watcher.join(timeout=10)
        if failures:
            raise failures[0]
        if services.asked_to_end or status in SIGNAL_STATUS:
            return 0
        if status:
            raise CommandError(f"a service ended by itself (status {status}); its log is in {self.data / 'logs'}")
        return status


def _distinct_port(preferred: int, taken: set[int]) -> int:
    port = free_port(preferred)
    while port in taken:
        port = free_port()
    return port


def _watch(
    services: Services,
    addresses: Addresses,
    when_ready: Callable[[Addresses], None],
    failures: list[BaseException],
) -> None:
    try:
        if _await_ready(services, addresses):
            when_ready(addresses)
    except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
        failures.append(error)
        services.end()


def _await_ready(services: Services, addresses: Addresses) -> bool:
    end = time.monotonic() + READY_TIMEOUT
    waiting = dict(addresses.urls)
    with httpx.Client(timeout=2.0) as http:
        while waiting and not services.ended.is_set():
            for service, url in list(waiting.items()):
                try:
                    if http.get(f"{url}/readyz").status_code == httpx.codes.OK:
                        del waiting[service]
                except httpx.HTTPError:
                    continue
            if waiting and time.monotonic() > end:
                logs = addresses.data / "logs"
                raise CommandError(
                    f"{', '.join(waiting)} not ready after {READY_TIMEOUT:.0f} s; the logs are in {logs}"
                )
            if waiting:
                services.ended.wait(0.1)
    return not services.ended.is_set()
