"""The folder of one embedded server: private, held by one owner at a time, with the server's secret in it."""

import fcntl
import os
import secrets
from pathlib import Path

from sluice_shared.embedded.errors import EmbeddedError


def make_folder(folder: Path) -> None:
    """Create ``folder`` for this user alone when it is missing; its parents get the usual mode.

    As root it may be passed by others, though not listed, since PostgreSQL's own user must get through.
    Raises EmbeddedError when this user may not use the folder.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"Cannot create {folder} ({error.strerror}): choose another data folder.") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        owner = folder.stat().st_uid
        raise EmbeddedError(
            f"{folder} belongs to another user (uid {owner}): run as that user, or choose another data folder."
        )


class FolderLock:
    """Holds a folder for one owner; the system gives it up when the owning process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Take ``folder``; raises EmbeddedError, naming the owner's pid, when somebody has it."""
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
            os.close(descriptor)
            raise EmbeddedError(
                f"{folder} is already in use by process {owner}: stop that process first, "
                "or choose another data folder."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Give the folder up; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def keep_secret(file: Path) -> tuple[str, bool]:
    """Return the secret kept in ``file`` (mode 600, URL-safe characters), and whether it was made just now."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = file.read_text().strip()
        if secret:
            return secret, False
        descriptor = os.open(file, os.O_WRONLY)
    secret = secrets.token_urlsafe(24)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secret + "\n")
    return secret, True
