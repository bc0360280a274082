"""The scanners of one's own in the configuration folder, followed as its files change."""

from pathlib import Path

from sluice_normaliser.mappings import Mappings, read_folder
from sluice_normaliser.mappings.read import files
from sluice_shared.config import ConfigError, Problem, Watched


def watch(folder: Path | None) -> Watched[Mappings]:
    """Return the mappings in force. Raises ConfigError."""
    return Watched("mappings", lambda: read_folder(folder), lambda: files(folder))


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with the folder's mappings."""
    try:
        read_folder(folder)
    except ConfigError as error:
        return error.problems
    return []
