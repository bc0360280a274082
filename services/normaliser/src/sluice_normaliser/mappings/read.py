"""Reads the folder of mapping files into specs, and checks them against each other and the installed scanners."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sluice_normaliser.kit import ScannerSpec
from sluice_normaliser.kit.registry import canonical, claims, installed
from sluice_normaliser.mappings.build import build
from sluice_shared.config import ConfigError, Document, Problem, parse_yaml

FOLDER = "mappings"


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one mapping file: what crosses over to another process, where a spec cannot."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Mappings:
    """The scanners of one's own, and the files they were read from."""

    sources: tuple[Source, ...] = ()
    specs: tuple[ScannerSpec, ...] = ()


def files(folder: Path | None) -> list[Path]:
    """Return the mapping files of a configuration folder, by name."""
    if folder is None:
        return []
    return sorted(path for pattern in ("*.yaml", "*.yml") for path in (folder / FOLDER).glob(pattern))


def read_folder(folder: Path | None) -> Mappings:
    """Return the scanners of one's own; raise ConfigError with every mistake of every file."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for path in files(folder):
        try:
            sources.append(Source(path, path.read_text(encoding="utf-8-sig")))
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            problems.append(Problem(path, 1, 1, "", f"cannot be read: {why}", "check its permissions and its encoding"))
    if problems:
        raise ConfigError(problems)
    return Mappings(tuple(sources), compile_sources(tuple(sources)))


def compile_sources(sources: tuple[Source, ...]) -> tuple[ScannerSpec, ...]:
    """Return the specs of these files; raise ConfigError with every mistake."""
    if not sources:
        return ()
    problems: list[Problem] = []
    specs: list[ScannerSpec] = []
    taken: dict[str, str] = claims(installed())
    for source in sources:
        try:
            document = parse_yaml(source.text, source.path)
            spec = build(document)
        except ConfigError as error:
            problems += error.problems
            continue
        problems += _clashes(spec, document, taken)
        taken.update(dict.fromkeys(map(canonical, (spec.name, *spec.aliases)), source.path.name))
        specs.append(spec)
    if problems:
        raise ConfigError(problems)
    return tuple(specs)


def _clashes(spec: ScannerSpec, document: Document, taken: Mapping[str, str]) -> list[Problem]:
    found: list[Problem] = []
    hint = "choose another; to have findings carry that scanner's name, write it as `scanner`"
    if owner := taken.get(canonical(spec.name)):
        found.append(document.problem(("name",), f"the name {spec.name} is that of {owner} already", hint))
    for number, alias in enumerate(spec.aliases):
        if owner := taken.get(canonical(alias)):
            found.append(document.problem(("aliases", number), f"{owner} answers to {alias} already", hint))
    return found
