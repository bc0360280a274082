"""PostgreSQL refuses to run as root: whom it runs as then, and what that user must be able to reach."""

import logging
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sluice_shared.embedded.errors import EmbeddedError

SYSTEM_USER = "pgserver"
_EVERYONE_READS = stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """A system user that is not root."""

    name: str
    uid: int
    gid: int


def server_account(cluster: Path) -> Account | None:
    """Return the user that serves ``cluster`` when we are root, else None: then it is ourselves.

    It is the cluster's owner, else the system user ``pgserver``, which is created when it is missing.
    Raises EmbeddedError when that cannot be done.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        try:
            return _account(pwd.getpwuid(owner))
        except KeyError:
            raise EmbeddedError(
                f"{cluster} belongs to uid {owner}, which is no user of this machine: "
                "create that user, or choose another data folder."
            ) from None
    return _account(_system_user())


def give(path: Path, account: Account | None) -> None:
    """Make ``account`` the owner of ``path``, which stays private to it."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def let_through(path: Path, account: Account | None) -> None:
    """Let ``account`` pass every folder above ``path``: where the right to pass (not to list) is missing, add it."""
    if account is None:
        return
    opened = []
    for folder in path.parents:
        status = folder.stat()
        if status.st_uid == account.uid or status.st_mode & stat.S_IXOTH:
            continue
        try:
            folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
        except OSError as error:
            raise EmbeddedError(
                f"User {account.name}, which runs PostgreSQL, cannot pass {folder} ({error.strerror}): "
                "choose a data folder that it can reach."
            ) from error
        opened.append(str(folder))
    if opened:
        _log.warning("other users may pass these now (o+x), as user %s must: %s", account.name, ", ".join(opened))


def let_read(folder: Path, account: Account | None) -> None:
    """Let ``account`` read and run what is in ``folder``, for programs installed with a strict umask."""
    if account is None:
        return
    let_through(folder, account)
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        needed = _EVERYONE_READS if mode & stat.S_IXUSR else stat.S_IRGRP | stat.S_IROTH
        if mode & needed != needed:
            path.chmod(mode | needed)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return _create_system_user()


def _create_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        # Not checked: of two that create the user at the same time one fails, and both have it.
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (no shell)
        return pwd.getpwnam(SYSTEM_USER)
    except (KeyError, OSError) as error:
        detail = error if isinstance(error, OSError) else done.stderr.strip()
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and a user for it cannot be created ({detail}): "
            f"run Sluice as an ordinary user, or create the user yourself ({' '.join(command)})."
        ) from error
