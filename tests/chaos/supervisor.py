"""The services as processes: started as `sluice up` starts them, and started again whenever one ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from sluice_cli.local.processes import MODULES

_POLL = 0.05
_RESTART_AFTER = 0.2
_TERM_WITHIN = 15.0
_ORPHANS_WITHIN = 3.0


@dataclass
class Service:
    """One process. ``planned`` is set while an end of it is no surprise."""

    name: str
    module: str
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    planned: bool = False
    starts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if there is a process."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


class Supervisor:
    """Keeps the services running. ``surprises`` are ends that nobody had planned."""

    def __init__(self, environment: Mapping[str, str], folder: Path, *, replicas: Mapping[str, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.surprises: list[str] = []
        self.orphans: list[str] = []
        """Processes that outlived the service that had started them."""
        self._leaders: list[int] = []
        self.services: dict[str, Service] = {}
        for service, module in MODULES.items():
            for number in range(replicas.get(service, 1)):
                name = service if number == 0 else f"{service}-{number + 1}"
                variables = dict(environment)
                if number:
                    variables[f"SLUICE_{service.upper().replace('-', '_')}_PORT"] = "0"
                self.services[name] = Service(name, module, variables, folder / f"{name}.log")
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._keep_running, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start all of them, and watch them."""
        for service in self.services.values():
            self._start(service)
        self._watch.start()

    def stop(self) -> None:
        """End all of them in order, by force where that takes too long."""
        self._ending.set()
        if self._watch.is_alive():
            self._watch.join()
        for service in self.services.values():
            service.signal(signal.SIGCONT)
            service.signal(signal.SIGTERM)
        for service in self.services.values():
            _await_end(service)
        self.orphans = _end_orphans(set(self._leaders))

    def kill(self, name: str) -> None:
        """End one by SIGKILL; it is started again."""
        self._end(name, signal.SIGKILL)

    def terminate(self, name: str) -> float:
        """End one by SIGTERM; it is started again. Return how long it took to end (seconds)."""
        began = time.monotonic()
        self._end(name, signal.SIGTERM)
        return time.monotonic() - began

    def pause(self, name: str, seconds: float) -> None:
        """Stop one by SIGSTOP for so long, then let it go on."""
        service = self.services[name]
        with service.lock:
            service.signal(signal.SIGSTOP)
            self._ending.wait(seconds)
            service.signal(signal.SIGCONT)

    def _start(self, service: Service) -> None:
        service.start()
        if service.process is not None:
            # Each has a session of its own, by which what it starts is known to be its.
            self._leaders.append(service.process.pid)

    def _end(self, name: str, how: signal.Signals) -> None:
        service = self.services[name]
        with service.lock:
            service.planned = True
            service.signal(how)
            _await_end(service)

    def _keep_running(self) -> None:
        while not self._ending.wait(_POLL):
            for service in self.services.values():
                if service.process is None or service.process.poll() is None:
                    continue
                if not service.lock.acquire(blocking=False):
                    continue
                try:
                    if not service.planned:
                        self.surprises.append(f"{service.name} ended with status {service.process.returncode}")
                    service.planned = False
                    if not self._ending.wait(_RESTART_AFTER):
                        self._start(service)
                finally:
                    service.lock.release()


def _end_orphans(leaders: set[int]) -> list[str]:
    """End what is left of these sessions some moments after their leaders; return their command lines."""
    deadline = time.monotonic() + _ORPHANS_WITHIN
    while (left := _members(leaders)) and time.monotonic() < deadline:
        time.sleep(_POLL)
    for process in left:
        process.kill()
    return [" ".join(process.info["cmdline"] or []) for process in left]


def _members(leaders: set[int]) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        try:
            if os.getsid(process.pid) in leaders and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        except ProcessLookupError:
            continue
    return found


def _await_end(service: Service) -> None:
    if service.process is None:
        return
    try:
        service.process.wait(_TERM_WITHIN)
    except subprocess.TimeoutExpired:
        service.process.kill()
        service.process.wait()
