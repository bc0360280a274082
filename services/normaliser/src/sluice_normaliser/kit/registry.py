"""All scanners there are: one folder each, those of installed packages, and those that the configuration declares.

Finding them is strict, so a broken one stops the start.
"""

import importlib
import importlib.metadata
import os
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sluice_normaliser.kit.expressions import MapError
from sluice_normaliser.kit.mapping import CompiledGroup, CompiledMap
from sluice_normaliser.kit.path import PathSyntaxError
from sluice_normaliser.kit.spec import CLEAN, FAILED, Format, ScannerSpec

ONLY = "SLUICE_SCANNERS"
"""Environment variable: the scanners to know, by folder, parted by commas. Unset or empty: all of them."""

ENTRY_POINTS = "sluice.scanners"
"""The group in which a Python package names its scanners: ``mytool = "my_package:SPEC"``."""

_PACKAGE = "sluice_normaliser.scanners"
_TRIVIAL = frozenset({"", "[]", "{}", "null", "[[]]", "[{}]", '""'})


class RegistryError(Exception):
    """A scanner's folder is broken; the message names it and says what is wrong."""


@dataclass(frozen=True, slots=True)
class CompiledFormat:
    """A format with its maps as closures."""

    spec: ScannerSpec
    format: Format
    maps: tuple[CompiledMap | CompiledGroup, ...]


_declared: tuple[ScannerSpec, ...] = ()


@cache
def registry() -> Mapping[str, ScannerSpec]:
    """Return every scanner by its name, sorted; with ``SLUICE_SCANNERS`` set, of the installed ones only those.

    Raises RegistryError, or what a folder's import raises.
    """
    specs = installed()
    for spec in _declared:
        _add(specs, spec, f"mappings/{spec.name}")
    return MappingProxyType(dict(sorted(specs.items())))


def declare(specs: Sequence[ScannerSpec]) -> None:
    """Make these the scanners of one's own, in place of those that were; they are known beside the installed ones."""
    global _declared  # noqa: PLW0603 - one registry a process, as there is one set of folders
    _declared = tuple(specs)
    forget()


def forget() -> None:
    """Have the scanners looked for anew."""
    for cached in (registry, compiled_formats, anchored, names):
        cached.cache_clear()


def installed() -> dict[str, ScannerSpec]:
    """Return the scanners that came with Sluice and with other Python packages, by name. Raises as ``registry``."""
    package = importlib.import_module(_PACKAGE)
    folders = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)
    others = importlib.metadata.entry_points(group=ENTRY_POINTS)
    wanted = {name.strip() for name in os.environ.get(ONLY, "").split(",") if name.strip()}
    if unknown := sorted(wanted.difference(folders, others.names)):
        raise RegistryError(f"{ONLY} names scanners that there are not: {', '.join(unknown)}")
    specs: dict[str, ScannerSpec] = {}
    for name in folders:
        if not wanted or name in wanted:
            spec = getattr(importlib.import_module(f"{_PACKAGE}.{name}"), "SPEC", None)
            _add(specs, _named(spec, name, f"scanners/{name}"), f"scanners/{name}")
    for point, where in _points(others):
        if not wanted or point.name in wanted:
            _add(specs, _named(_load(point, where), point.name, where), where)
    return specs


def _points(
    found: importlib.metadata.EntryPoints,
) -> Iterator[tuple[importlib.metadata.EntryPoint, str]]:
    for point in sorted(found, key=lambda each: each.name):
        owner = point.dist.name if point.dist is not None else "an installed package"
        yield point, f"{owner}'s {ENTRY_POINTS} {point.name} = {point.value}"


def _load(point: importlib.metadata.EntryPoint, where: str) -> object:
    try:
        return point.load()
    except Exception as error:  # whatever a foreign module raises, the one who starts Sluice must read whose it is
        raise RegistryError(f"{where}: {type(error).__name__}: {error}") from error


def _named(spec: object, name: str, where: str) -> ScannerSpec:
    if not isinstance(spec, ScannerSpec):
        raise RegistryError(f"{where} has no SPEC = ScannerSpec(…)")
    if spec.name != name:
        raise RegistryError(f"{where} calls itself {spec.name!r}; the name is the folder's")
    return spec


def _add(specs: dict[str, ScannerSpec], spec: ScannerSpec, where: str) -> None:
    if spec.name in specs:
        raise RegistryError(f"{where}: there is a scanner {spec.name} already")
    _check(spec, where)
    specs[spec.name] = spec


def _check(spec: ScannerSpec, where: str = "a scanner") -> None:
    if not spec.formats:
        raise RegistryError(f"{where} has no formats")
    if len({each.name for each in spec.formats}) != len(spec.formats):
        raise RegistryError(f"{where} has two formats of one name")
    for body, meaning in spec.trivial.items():
        if body not in _TRIVIAL:
            raise RegistryError(f"{where}: {body!r} is no trivial body; those are {sorted(_TRIVIAL)}")
        if not meaning:
            raise RegistryError(f"{where}: say what {body!r} means: CLEAN, FAILED, or why it is refused")
    for each in spec.formats:
        if (bool(each.maps) + (each.parse is not None) + (each.scans is not None)) != 1:
            raise RegistryError(f"{where}: format {each.name} needs exactly one of maps, parse and scans")


@cache
def compiled_formats() -> Mapping[str, tuple[CompiledFormat, ...]]:
    """Return the formats of every scanner with their maps compiled; raises RegistryError."""
    compiled: dict[str, tuple[CompiledFormat, ...]] = {}
    for name, spec in registry().items():
        try:
            for each in spec.formats:
                if each.scan is not None:
                    each.scan.compile()
            compiled[name] = tuple(
                CompiledFormat(spec, each, tuple(inner.compile() for inner in each.maps)) for each in spec.formats
            )
        except (MapError, PathSyntaxError, KeyError) as error:
            raise RegistryError(f"scanners/{name}: {error}") from error
    return MappingProxyType(compiled)


@dataclass(frozen=True, slots=True)
class Anchored:
    """The formats that may come in one container: by a name that stands outside all their reports, and the others.

    Each has its place among all formats, since the first of equals is taken.
    """

    by_name: Mapping[str, Mapping[int, CompiledFormat]]
    others: Mapping[int, CompiledFormat]


@cache
def anchored() -> Mapping[str, Anchored]:
    """Return for each container which formats are worth asking; raises RegistryError.

    Of the names that a format's rule asks for, the one is its anchor that fewest others ask for.
    """
    formats = [each for compiled in compiled_formats().values() for each in compiled]
    asked = Counter(name for each in formats for choice in each.format.detect.anchors() for name in choice)
    found: dict[str, Anchored] = {}
    for container in {container for each in formats for container in each.format.containers}:
        by_name: dict[str, dict[int, CompiledFormat]] = {}
        others: dict[int, CompiledFormat] = {}
        for place, each in enumerate(formats):
            if container in each.format.containers:
                choices = each.format.detect.anchors() if container in {"json", "jsonl"} else []
                rarest = min(choices, key=lambda choice: sum(asked[name] for name in choice), default=None)
                for name in rarest or ():
                    by_name.setdefault(name, {})[place] = each
                if rarest is None:
                    others[place] = each
        found[container] = Anchored(by_name, others)
    return MappingProxyType(found)


@cache
def names() -> Mapping[str, str]:
    """Return the folder's name for every name a scanner answers to; raises RegistryError when two claim one.

    An id that several folders share, for the formats of one product, means the folder of that name, else the first.
    """
    return MappingProxyType(claims(registry()))


def claims(specs: Mapping[str, ScannerSpec]) -> dict[str, str]:
    """Return, for every name in canonical form that one of the scanners answers to, that scanner's name.

    Raises RegistryError when two claim one.
    """
    found = {canonical(name): name for name in specs}
    for name, spec in specs.items():
        found.setdefault(canonical(spec.id), name)
    for name, spec in specs.items():
        for alias in spec.aliases:
            key = canonical(alias)
            if found.setdefault(key, name) != name:
                raise RegistryError(f"scanners/{name} and scanners/{found[key]} both answer to {alias!r}")
    return found


def canonical(name: str) -> str:
    """Return a scanner's name as it is compared: lower case, underscores."""
    return name.strip().lower().replace("-", "_").replace(" ", "_").replace(".", "_")


def find(name: str) -> ScannerSpec | None:
    """Return the scanner that answers to a name, or None."""
    folder = names().get(canonical(name))
    return None if folder is None else registry()[folder]


__all__ = ["CLEAN", "FAILED", "RegistryError", "compiled_formats", "declare", "find", "forget", "names", "registry"]
