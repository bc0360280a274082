"""All scanners there are: one folder each. Finding them is strict, so a broken one stops the start."""

import importlib
import os
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sluice_normaliser.kit.expressions import MapError
from sluice_normaliser.kit.mapping import CompiledGroup, CompiledMap
from sluice_normaliser.kit.path import PathSyntaxError
from sluice_normaliser.kit.spec import CLEAN, FAILED, Format, ScannerSpec

ONLY = "SLUICE_SCANNERS"
"""Environment variable: the scanners to know, by folder, parted by commas. Unset or empty: all of them."""

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


@cache
def registry() -> Mapping[str, ScannerSpec]:
    """Return every scanner by its folder's name, sorted; with ``SLUICE_SCANNERS`` set, only those.

    Raises RegistryError, or what a folder's import raises.
    """
    package = importlib.import_module(_PACKAGE)
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)
    wanted = {name.strip() for name in os.environ.get(ONLY, "").split(",") if name.strip()}
    if wanted:
        if unknown := sorted(wanted.difference(names)):
            raise RegistryError(f"{ONLY} names scanners that there are not: {', '.join(unknown)}")
        names = [name for name in names if name in wanted]
    specs: dict[str, ScannerSpec] = {}
    for name in names:
        spec = getattr(importlib.import_module(f"{_PACKAGE}.{name}"), "SPEC", None)
        if not isinstance(spec, ScannerSpec):
            raise RegistryError(f"scanners/{name} has no SPEC = ScannerSpec(…)")
        if spec.name != name:
            raise RegistryError(f"scanners/{name} calls itself {spec.name!r}; the name is the folder's")
        _check(spec)
        specs[name] = spec
    return MappingProxyType(specs)


def _check(spec: ScannerSpec) -> None:
    where = f"scanners/{spec.name}"
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


@cache
def names() -> Mapping[str, str]:
    """Return the folder's name for every name a scanner answers to; raises RegistryError when two claim one.

    An id that several folders share, for the formats of one product, means the folder of that name, else the first.
    """
    found = {canonical(name): name for name in registry()}
    for name, spec in registry().items():
        found.setdefault(canonical(spec.id), name)
    for name, spec in registry().items():
        for alias in spec.aliases:
            key = canonical(alias)
            if found.setdefault(key, name) != name:
                raise RegistryError(f"scanners/{name} and scanners/{found[key]} both answer to {alias!r}")
    return MappingProxyType(found)


def canonical(name: str) -> str:
    """Return a scanner's name as it is compared: lower case, underscores."""
    return name.strip().lower().replace("-", "_").replace(" ", "_").replace(".", "_")


def find(name: str) -> ScannerSpec | None:
    """Return the scanner that answers to a name, or None."""
    folder = names().get(canonical(name))
    return None if folder is None else registry()[folder]


__all__ = ["CLEAN", "FAILED", "RegistryError", "compiled_formats", "find", "names", "registry"]
