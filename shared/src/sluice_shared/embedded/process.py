"""Child processes that end with us: starting them, recording them, ending them."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import psutil

from sluice_shared.embedded.account import Account

_LAUNCHER = Path(__file__).with_name("_launch.py")
_LOG_LIMIT = 16 * 1024 * 1024
_CLOCK_TOLERANCE = 2.0  # seconds
_POLL_INTERVAL = 0.03  # seconds


def server_environment() -> dict[str, str]:
    """Return the little that a server needs of our environment: our secrets are none of its business."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def spawn(
    command: Sequence[str | Path], *, cwd: Path, log: Path, death_signal: signal.Signals, account: Account | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C in the terminal reaches only us, who decide.

    On Linux it gets ``death_signal`` when this process ends, even by SIGKILL. Its output is appended to ``log``.
    """
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    launch = [sys.executable, "-I", "-S", _LAUNCHER, os.getpid(), int(death_signal), uid, gid, *command]
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return _spawner.popen([str(part) for part in launch], cwd=cwd, output=output, environment=server_environment())
    finally:
        os.close(output)


class _Spawner:
    """Starts children from one thread that lives as long as the process.

    The system sends the death signal when the *thread* that started the child ends, so a caller's own short-lived
    thread must not be the one.
    """

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Future[subprocess.Popen[bytes]], list[str], Path, int, Mapping[str, str]]]
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._orders = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def popen(
        self, command: list[str], *, cwd: Path, output: int, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="embedded-spawner", daemon=True)
                self._thread.start()
        started: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((started, command, cwd, output, environment))
        return started.result()

    def _work(self) -> None:
        while True:
            started, command, cwd, output, environment = self._orders.get()
            try:
                process = subprocess.Popen(  # noqa: S603 (our own launcher, no shell)
                    command,
                    cwd=cwd,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            except OSError as error:
                started.set_exception(error)
            else:
                started.set_result(process)


_spawner = _Spawner()


def end(process: subprocess.Popen[bytes], how: signal.Signals, timeout: float) -> None:
    """Ask ``process`` to end by the signal ``how``, insist with SIGKILL after ``timeout`` seconds, and reap it."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Record:
    """Which process serves a folder, written down so that one left by a killed owner is recognised later."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, pid: int) -> None:
        """Record the running process ``pid``; its time of birth tells it from a later process with the same pid."""
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:  # ended already: there is nothing to recognise
            return
        self._file.write_text(json.dumps({"pid": pid, "created": created}) + "\n")

    def clear(self) -> None:
        """Forget the process."""
        self._file.unlink(missing_ok=True)

    def end_left_over(self, how: signal.Signals, timeout: float) -> None:
        """End the recorded process if it still runs. Only for whoever holds the folder's lock."""
        try:
            recorded = json.loads(self._file.read_text())
            process = psutil.Process(recorded["pid"])
            if abs(process.create_time() - recorded["created"]) < _CLOCK_TOLERANCE:
                _end_stranger(process, how, timeout)
        except (FileNotFoundError, json.JSONDecodeError, psutil.NoSuchProcess):
            pass
        self.clear()


def has_ended(process: psutil.Process) -> bool:
    """Tell whether ``process`` is gone, or dead but not reaped: in a container there may be nobody who does that."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _end_stranger(process: psutil.Process, how: signal.Signals, timeout: float) -> None:
    process.send_signal(how)
    deadline = time.monotonic() + timeout
    while not has_ended(process):
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(_POLL_INTERVAL)


def trim_log(log: Path) -> None:
    """Set a log of more than 16 MiB aside as ``<name>.1``, in the place of the one before."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))


def log_since(log: Path, offset: int, *, lines: int = 20) -> str:
    """Return the last ``lines`` lines written to ``log`` after byte ``offset``."""
    with log.open("rb") as file:
        file.seek(offset)
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
