"""A folder for PostgreSQL's unix socket that only its owner can enter."""

import hashlib
import os
import tempfile
from pathlib import Path

from sluice_shared.embedded.account import Account, give, let_through
from sluice_shared.embedded.errors import EmbeddedError

_LONGEST_ADDRESS = 103  # bytes in sockaddr_un: 104 with the final zero on BSD and macOS, 108 on Linux
_LONGEST_NAME = ".s.PGSQL.65535"


def socket_dir(folder: Path, account: Account | None) -> Path:
    """Return ``<folder>/socket``, or a folder under the system's temporary one when that address is too long.

    It is created with mode 700 for ``account`` (None: ourselves). Raises EmbeddedError when somebody else has it.
    """
    place = folder / "socket"
    if len(os.fsencode(place / _LONGEST_NAME)) > _LONGEST_ADDRESS:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        place = Path(tempfile.gettempdir()) / f"sluice-{digest}"
    owner = account.uid if account else os.geteuid()
    try:
        place.mkdir(mode=0o700)
        give(place, account)
    except FileExistsError:
        status = place.lstat()
        if not place.is_dir() or place.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
            raise EmbeddedError(
                f"{place} is not a private folder of the user that runs PostgreSQL: remove it, and start again."
            ) from None
    let_through(place, account)
    return place


def remove_outside(folder: Path, place: Path) -> None:
    """Remove what ``socket_dir`` gave for ``folder`` if it is not in there, with what a killed server left in it."""
    if place.parent == folder or not place.exists():
        return
    for left_over in place.glob(".s.PGSQL.*"):
        left_over.unlink()
    place.rmdir()
