"""Making a new PostgreSQL cluster: whole, or not at all."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sluice_shared.embedded.account import Account, give
from sluice_shared.embedded.errors import EmbeddedError
from sluice_shared.embedded.installation import Installation
from sluice_shared.embedded.process import server_environment

ROLE = "sluice"
"""The role that the services use, and its database; it may create databases, and is no superuser."""

_BUILTIN_LOCALES_SINCE = 17


def create_cluster(cluster: Path, installed: Installation, account: Account | None, password: str) -> None:
    """Create ``cluster`` with the role and database ``sluice``; an interrupted attempt leaves nothing in its place.

    Raises EmbeddedError with the output of the program that failed.
    """
    draft = cluster.with_name(cluster.name + ".new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    give(draft, account)
    # The same order of text everywhere, and the fastest, whatever locales the machine has.
    locale: list[str | Path] = ["--locale=C"]
    if installed.version >= _BUILTIN_LOCALES_SINCE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(
        [
            installed.program("initdb"),
            "--pgdata",
            draft,
            "--username=postgres",
            "--encoding=UTF8",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            *locale,
        ],
        account,
        cwd=draft,
    )
    run_single_user(
        draft,
        installed,
        account,
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}';\nCREATE DATABASE {ROLE} OWNER {ROLE};\n",
    )
    draft.rename(cluster)


def run_single_user(cluster: Path, installed: Installation, account: Account | None, sql: str) -> None:
    """Run ``sql`` (a statement a line) in a cluster that no server has open, through the program's standard input.

    Raises EmbeddedError when it fails, without the statements, which hold the password.
    """
    # Without exit_on_error this mode reports a failed statement and ends as if all were well.
    postgres = installed.program("postgres")
    _run([postgres, "--single", "-D", cluster, "-c", "exit_on_error=on", "postgres"], account, cwd=cluster, stdin=sql)


def _run(command: Sequence[str | Path], account: Account | None, *, cwd: Path, stdin: str = "") -> None:
    done = subprocess.run(  # noqa: S603 (the wheel's own programs, no shell)
        command,
        input=stdin,
        cwd=cwd,
        env=server_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        program = Path(command[0]).name
        raise EmbeddedError(f"PostgreSQL's {program} failed in {cwd}:\n{done.stderr.strip()}")
