"""Reads `exceptions/*.yaml`, and says what is wrong with them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sluice_risk_index.domain.exception_rules import faults
from sluice_risk_index.domain.exceptions import Exemption, Exemptions
from sluice_risk_index.domain.policy import AcceptancePolicy
from sluice_risk_index.storage.config_checks import Placed
from sluice_risk_index.storage.documents import documents, yaml_files
from sluice_shared.config import ConfigError, Document, Problem, Watched, parse

FOLDER = "exceptions"
SCHEMA_FILE = "exception.v1.schema.json"
_OTHER_KINDS = "write `kind: exception`; policies and catalogues are files of their own"


def load(folder: Path | None, acceptance: AcceptancePolicy) -> Exemptions:
    """Return the exceptions of a configuration folder. Raises ConfigError with every mistake."""
    return Exemptions() if folder is None else load_directory(folder / FOLDER, acceptance)


def load_directory(directory: Path, acceptance: AcceptancePolicy) -> Exemptions:
    """Return the exceptions of a folder of such files. Raises ConfigError with every mistake."""
    problems: list[Problem] = []
    placed = read_files(yaml_files(directory), problems)
    known: dict[str, Document] = {}
    for entry in placed:
        problems += _check(entry, acceptance)
        first = known.setdefault(entry.entry.id, entry.document)
        if first is not entry.document:
            line = first.mark(("id",)).line
            problems.append(
                entry.document.problem(
                    ("id",),
                    f"the exception '{entry.entry.id}' is already in {first.file.name}, line {line}",
                    "give each its own id",
                )
            )
    if problems:
        raise ConfigError(problems)
    return Exemptions([p.entry for p in placed], {p.entry.id: p.document.file.name for p in placed})


def read_files(paths: Iterable[Path], problems: list[Problem]) -> list[Placed[Exemption]]:
    """Return the exceptions in these files, each with the document it stands in; adds mistakes of form."""
    placed: list[Placed[Exemption]] = []
    for path in paths:
        for document in documents(path, problems):
            try:
                placed.append(_placed(document))
            except ConfigError as error:
                problems += error.problems
    return placed


def watch(folder: Path | None, acceptance: Callable[[], AcceptancePolicy]) -> Watched[Exemptions]:
    """Return the exceptions, followed as their files change. Raises ConfigError."""
    return Watched(
        "exceptions",
        lambda: load(folder, acceptance()),
        lambda: [] if folder is None else yaml_files(folder / FOLDER),
    )


def lint(directory: Path, acceptance: AcceptancePolicy) -> list[Problem]:
    """Return what is wrong with a folder of exceptions."""
    try:
        load_directory(directory, acceptance)
    except ConfigError as error:
        return error.problems
    return []


def _placed(document: Document) -> Placed[Exemption]:
    kind = document.value.get("kind") if isinstance(document.value, dict) else None
    if kind != "exception":
        where = ("kind",) if kind is not None else ()
        raise ConfigError([document.problem(where, "not an exception", _OTHER_KINDS)])
    return Placed(parse(document, Exemption), document)


def _check(placed: Placed[Exemption], acceptance: AcceptancePolicy) -> Iterator[Problem]:
    for fault in faults(placed.entry, acceptance):
        yield placed.document.problem((fault.field,), fault.message, fault.hint)
