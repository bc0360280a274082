"""Reads `exceptions/*.yaml`, and says what is wrong with them."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sluice_risk_index.domain.durations import write_duration
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
    placed: list[Placed[Exemption]] = []
    for path in yaml_files(directory):
        for document in documents(path, problems):
            try:
                placed.append(_placed(document))
            except ConfigError as error:
                problems += error.problems
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
    entry, document = placed.entry, placed.document
    if not entry.selector.names_something:
        yield document.problem(
            ("selector",),
            "the selector does not say which findings are meant",
            "name at least one of asset, rule, identifier, path, package, scanner, findings",
        )
    if entry.requester.casefold() == entry.approver.casefold():
        yield document.problem(("approver",), "approver and requester are the same", "have somebody else answer for it")
    if not entry.created < entry.expires:
        yield document.problem(("expires",), "it ends before it begins", f"write a day after {entry.created}")
    if not entry.created <= entry.review <= entry.expires:
        yield document.problem(
            ("review",), "the review is not while it holds", f"write a day from {entry.created} to {entry.expires}"
        )
    yield from _check_policy(entry, document, acceptance)


def _check_policy(entry: Exemption, document: Document, acceptance: AcceptancePolicy) -> Iterator[Problem]:
    strictest = min(entry.classes, key=lambda risk_class: acceptance.maximum[risk_class])
    longest = acceptance.maximum[strictest]
    if entry.expires - entry.created > longest:
        yield document.problem(
            ("expires",),
            f"the policy allows {write_duration(longest)} at most where the class may be '{strictest}'",
            f"write {entry.created + longest} or a day before, or name milder classes in selector.class",
        )
    controlled = sorted(acceptance.controls.intersection(entry.classes))
    if controlled and not entry.controls:
        yield document.problem(
            ("controls",),
            f"the policy asks for compensating controls where the class may be {' or '.join(controlled)}",
            "say in `controls` what stands in the way meanwhile, or name other classes in selector.class",
        )
