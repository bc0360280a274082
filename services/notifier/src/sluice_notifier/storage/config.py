"""Reads ``routes.yaml``: checked as a whole, followed as it changes."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sluice_notifier.channels import registry
from sluice_notifier.channels.log import LogOptions
from sluice_notifier.domain.receivers import Receiver, Routes, RoutesFile, find_mistakes, routes_model
from sluice_notifier.domain.routing import RootRoute
from sluice_shared.config import ConfigError, Document, Problem, Watched, load_yaml, parse

FILE = "routes.yaml"
DEFAULT_RECEIVER = "log"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def default_routes() -> Routes:
    """Return what holds without a file: everything goes to the service's log."""
    receiver = Receiver(name=DEFAULT_RECEIVER, channel="log", options=LogOptions())
    return Routes(root=RootRoute(receiver=DEFAULT_RECEIVER), receivers={DEFAULT_RECEIVER: receiver})


def load(folder: Path | None) -> Routes:
    """Return the routes; the default ones without a folder or without the file. Raises ConfigError."""
    if folder is None or not (folder / FILE).exists():
        return default_routes()
    document = load_yaml(folder / FILE)
    file = parse(document, _model())
    problems = [document.problem(m.path, m.message, m.hint) for m in find_mistakes(file)]
    if problems:
        raise ConfigError(problems)
    return file.routes()


def watch(folder: Path | None) -> Watched[Routes]:
    """Return the routes, followed as the file changes. Raises ConfigError."""
    return Watched("routes", lambda: load(folder), lambda: [] if folder is None else [folder / FILE])


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with the folder's ``routes.yaml``.

    What is missing from the environment is no mistake of the file, which may be checked where no secret is: see
    :func:`warnings`.
    """
    try:
        load(folder)
    except ConfigError as error:
        return error.problems
    return []


def warnings(folder: Path | None) -> list[Problem]:
    """Return which environment variables and files the file names that are not there now.

    The receivers in question cannot send before they are; their deliveries stay due meanwhile.
    """
    if folder is None or not (folder / FILE).exists():
        return []
    try:
        document = load_yaml(folder / FILE)
    except ConfigError:
        return []
    return sorted(_missing(document, document.value, ()))


@cache
def _model() -> type[RoutesFile]:
    return routes_model({name: channel.options for name, channel in registry().items()})


def _missing(document: Document, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _missing(document, inner, (*path, name))
        return
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _missing(document, inner, (*path, number))
        return
    if not isinstance(value, str):
        return
    option = str(path[-1]) if path else ""
    names = [value] if option.endswith("_env") else _VARIABLE.findall(value)
    for name in names:
        if not os.environ.get(name):
            yield document.problem(path, f"the environment variable {name} is not set", "set it for the notifier")
    if option.endswith("_file") and not Path(value).is_file():
        yield document.problem(path, f"there is no file {value}", "mount it into the notifier")
