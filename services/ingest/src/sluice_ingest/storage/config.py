"""Reads ``sources.yaml``, and the secrets that it names."""

import os
from pathlib import Path

from sluice_ingest.domain.refusal import Refusal, Refused
from sluice_ingest.domain.source import Source
from sluice_ingest.domain.sources import Sources
from sluice_shared.config import ConfigError, Problem, Watched, load_yaml, parse

FILE = "sources.yaml"

WatchedSources = Watched[Sources]


def load(folder: Path | None) -> Sources:
    """Return the sources; none without a folder or without the file. Raises ConfigError."""
    if folder is None or not (folder / FILE).exists():
        return Sources()
    sources = parse(load_yaml(folder / FILE), Sources)
    return Sources(sources=[_with_absolute_path(source, folder) for source in sources.sources])


def watch(folder: Path | None) -> WatchedSources:
    """Return the sources, followed as the file changes. Raises ConfigError."""
    return Watched("sources", lambda: load(folder), lambda: [] if folder is None else [folder / FILE])


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with the folder's ``sources.yaml``; secrets are not looked for, they may be elsewhere."""
    try:
        load(folder)
    except ConfigError as error:
        return error.problems
    return []


def read_secret(source: Source) -> bytes:
    """Return the source's secret as it is now. Raises Refused (source_not_ready) when it is not there."""
    if source.secret_env is not None:
        secret = os.environ.get(source.secret_env, "").encode()
    else:
        secret = _read(source.secret_file).strip()
    if not secret:
        place = f"the variable {source.secret_env}" if source.secret_env else "its secret_file"
        raise Refused(
            Refusal.SOURCE_NOT_READY,
            f"The secret of the source '{source.name}' is not there: {place} is empty or cannot be read; "
            "the operator has to set it",
        )
    return secret


def _with_absolute_path(source: Source, folder: Path) -> Source:
    if source.secret_file is None:
        return source
    return source.model_copy(update={"secret_file": folder / source.secret_file})


def _read(path: Path | None) -> bytes:
    try:
        return b"" if path is None else path.read_bytes()
    except OSError:
        return b""
