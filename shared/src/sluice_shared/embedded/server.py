"""What both embedded servers have in common: their folder, their port, their life."""

import atexit
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from sluice_shared.embedded import process
from sluice_shared.embedded.account import Account
from sluice_shared.embedded.errors import EmbeddedError
from sluice_shared.embedded.folder import FolderLock, make_folder
from sluice_shared.embedded.ports import PortBook, free_port, is_free

_ATTEMPTS = 20
_POLL_INTERVAL = 0.03  # seconds
_RETRY_PAUSE = 0.25  # seconds


class EmbeddedServer(ABC):
    """A server in ``<data_dir>/<name>/``, a child of this process; usable as a context manager.

    One instance at a time serves a folder. Not thread-safe: one thread starts and stops it.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    start_timeout: ClassVar[float]
    """Seconds until it must answer."""
    stop_timeout: ClassVar[float]
    """Seconds from the request to stop until it is killed."""
    passing_trouble: ClassVar[str | None] = None
    """What the log of a failed start says when it is worth trying again."""

    def __init__(self, data_dir: Path, *, port: int | None = None) -> None:
        """``port``: listen there or fail; without it the last port of this folder, or else any free one."""
        self._data_dir = data_dir.expanduser().resolve()
        self.folder = self._data_dir / self.name
        self.log = self.folder / "server.log"
        self._wanted_port = port
        self._ports = PortBook(self._data_dir / "ports.json")
        self._record = process.Record(self.folder / "server.json")
        self._lock: FolderLock | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port: int | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with the password in it; EmbeddedError before the first start."""

    @property
    def pid(self) -> int:
        """The server's process; EmbeddedError when it was not started."""
        if self._process is None:
            raise self._not_started()
        return self._process.pid

    @property
    def port(self) -> int:
        """The loopback port, kept after a stop; EmbeddedError before the first start."""
        if self._port is None:
            raise self._not_started()
        return self._port

    @property
    def running(self) -> bool:
        """Whether the server's process is there now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and return when it answers; does nothing when it runs already.

        Data of an earlier start is found again, also after a SIGKILL. Raises EmbeddedError when the folder is in use,
        the port is taken, a program is missing, or the server does not answer in time (with the end of its log).
        """
        if self.running:
            return
        self._release()
        make_folder(self._data_dir)
        make_folder(self.folder)
        self._lock = FolderLock(self.folder)
        try:
            self._record.end_left_over(self.stop_signal, self.stop_timeout)
            process.trim_log(self.log)
            self._prepare()
            self._launch()
        except OSError as error:
            self._release()
            raise EmbeddedError(f"{self.name} cannot use {self.folder}: {error}") from error
        except BaseException:
            self._release()
            raise
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop the server in order (by force when that takes too long); a second call does nothing."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End the server by SIGKILL, as a crash would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self) -> None:
        """Make the folder ready for the server. The folder is ours alone by now."""

    @abstractmethod
    def _command(self, port: int) -> list[str | Path]:
        """Return the command line of a server that stays in the foreground and logs to its standard error."""

    @abstractmethod
    def _answers(self, pid: int, port: int) -> bool:
        """Tell whether the server ``pid`` takes work on ``port`` now."""

    def _tidy(self) -> None:
        """Remove what the server that has ended needs no more. The folder is still ours."""
        return

    def _account(self) -> Account | None:
        """Return the user to run as, or None for our own."""
        return None

    def _not_started(self) -> EmbeddedError:
        return EmbeddedError(f"The embedded {self.name} has not been started: call start() first.")

    def _pick_port(self) -> int:
        if self._wanted_port is None:
            return free_port(self._port or self._ports.recall(self.name))
        if not is_free(self._wanted_port):
            raise EmbeddedError(
                f"Port {self._wanted_port}, wanted for {self.name}, is taken: "
                "stop what listens there, or choose another."
            )
        return self._wanted_port

    def _launch(self) -> None:
        for _ in range(_ATTEMPTS):
            port = self._pick_port()
            offset = self.log.stat().st_size if self.log.exists() else 0
            self._process = process.spawn(
                self._command(port),
                cwd=self.folder,
                log=self.log,
                death_signal=self.stop_signal,
                account=self._account(),
            )
            self._record.write(self._process.pid)
            if self._wait_until_ready(self._process, port, offset):
                self._port = port
                self._ports.remember(self.name, port)
                return
            log = process.log_since(self.log, offset)
            is_passing = self.passing_trouble is not None and self.passing_trouble in log
            if not is_passing and is_free(port):
                break
            time.sleep(_RETRY_PAUSE)
        raise EmbeddedError(f"{self.name} did not start. The end of {self.log}:\n{log}")

    def _wait_until_ready(self, child: subprocess.Popen[bytes], port: int, offset: int) -> bool:
        """Return True when the server answers, False when it has ended."""
        deadline = time.monotonic() + self.start_timeout
        while child.poll() is None:
            if self._answers(child.pid, port):
                return True
            if time.monotonic() > deadline:
                log = process.log_since(self.log, offset)
                raise EmbeddedError(
                    f"{self.name} did not answer within {self.start_timeout:.0f} s. The end of {self.log}:\n{log}"
                )
            time.sleep(_POLL_INTERVAL)
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            process.end(self._process, how, self.stop_timeout)
        self._release()

    def _release(self) -> None:
        """Forget the process, ending it if it is still there, and give the folder up."""
        if self._process is not None:
            process.end(self._process, self.stop_signal, self.stop_timeout)
            self._process = None
            self._record.clear()
            self._tidy()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        atexit.unregister(self.stop)
