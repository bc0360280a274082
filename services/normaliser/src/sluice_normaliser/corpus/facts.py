"""What observations say, in the shapes in which an expectation may ask for it."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from sluice_normaliser.kit.packages import read_purl
from sluice_shared.contracts.finding import HostLocation, Observation, PackageLocation, ResourceLocation, UrlLocation

MEASURES = ("identifiers", "cwes", "paths", "lines", "components", "hosts")
"""What is compared as recall, in the order of the table."""

_STEPS = re.compile(r"\s+>\s+|>")
_COORDINATES = re.compile(r"^([a-z0-9+.-]+)://?(.+)$")


class Facts:
    """Everything that the observations of a report name."""

    def __init__(self, observations: list[Observation]) -> None:
        self._names = {each.value.upper() for item in observations for each in item.identifiers}
        self._names |= {item.rule_id.upper() for item in observations}
        self._cwes = {number for item in observations for number in item.cwes}
        self._lines = {place for item in observations for place in _lines(item)}
        self._paths = {path for path, _ in self._lines}
        self._packages = {name for item in observations for name in _components(item)}
        self._others = {name for item in observations for name in _others(item)}
        self._chains = {chain for item in observations for chain in _chains(item)}
        self._hosts = {host for item in observations for host in _hosts(item)}

    def has(self, measure: str, item: Any) -> bool:
        """Return True when an observation says an expected value, under any name that it may have there."""
        checks: dict[str, Callable[[Any], bool]] = {
            "identifiers": lambda name: name.upper() in self._names,
            "cwes": self._cwes.__contains__,
            "paths": self._has_path,
            "lines": self._has_line,
            "components": self._has_component,
            "hosts": lambda name: _host(name) in self._hosts,
        }
        return checks[measure](item)

    def _has_path(self, item: str) -> bool:
        """Return True for a file, or for what the reference puts in its place: a package, its chain, its image."""
        if _found(bare(item), self._paths) or _found(bare(item.partition(":")[2] or item), self._paths):
            return True
        if ">" in item and _steps(_STEPS.split(item)) in self._chains:
            return True
        return item.partition(" (")[0].lower() in self._others or self._has_component(item)

    def _has_line(self, item: str) -> bool:
        path, _, line = item.rpartition(":")
        there = {other for other, number in self._lines if str(number) == line}
        return _found(bare(path), there) or _found(bare(path.partition(":")[2] or path), there)

    def _has_component(self, item: str) -> bool:
        """Return True for a package of that name and version, whatever the reference puts round its name."""
        asked = item.rstrip("@").lower()
        for spelling in _spellings(asked):
            if spelling in self._packages or spelling in self._others:
                return True
            name, _, version = spelling.rpartition("@")
            parts = {*re.split("[:/]", name), *(name[match.end() :] for match in re.finditer("[:/]", name))}
            if name and any(f"{part}@{version}" in self._packages for part in parts):
                return True
        return False


def wanted(entry: dict[str, Any], measure: str) -> list[Any]:
    """Return what is expected of a report."""
    if measure == "identifiers":
        return [*entry["cves"], *entry["other_vuln_ids"]]
    found: list[Any] = entry["path_lines" if measure == "lines" else measure]
    return found


def bare(path: str) -> str:
    """Return a path without what tools put before it: ``file:``, ``./``, the root."""
    path = path.removeprefix("file:").replace("\\", "/")
    while path.startswith(("./", "/")):
        path = path.removeprefix(".").removeprefix("/")
    return re.sub("/{2,}", "/", path)


def _found(path: str, paths: Iterable[str]) -> bool:
    return any(path == other or other.endswith(f"/{path}") or path.endswith(f"/{other}") for other in paths)


def _all_places(item: Observation) -> Iterator[Any]:
    return (place for place in (item.location, *item.related_locations) if place is not None)


def _lines(item: Observation) -> Iterator[tuple[str, int | None]]:
    for place in _all_places(item):
        path = getattr(place, "path", None)
        if path:
            own = (getattr(place, name, None) for name in ("start_line", "line", "end_line"))
            yield from ((bare(path), line) for line in dict.fromkeys((*own, None)))


def _spellings(wanted: str) -> Iterator[str]:
    """Yield the names of a component: as it is, as a purl says it, as Xray's ``type://group:name:version`` does."""
    yield wanted
    read = read_purl(wanted) if wanted.startswith("pkg:") else None
    if read is not None:
        space = f"{read.namespace}/" if read.namespace else ""
        yield f"{space}{read.name}@{read.version or ''}".rstrip("@")
    coordinates = _COORDINATES.match(wanted)
    rest = coordinates.group(2) if coordinates else wanted
    yield rest
    if "@" not in rest and ":" in rest:
        for cut in (match.start() for match in re.finditer(":", rest)):
            yield f"{rest[:cut]}@{rest[cut + 1 :]}"


def _components(item: Observation) -> Iterator[str]:
    for place in _all_places(item):
        if isinstance(place, ResourceLocation):
            names = {place.resource, place.name or "", place.resource_type or ""}
            yield from _joined(names | {f"{place.resource_type}/{place.name}"}, "")
        elif isinstance(place, PackageLocation):
            read = read_purl(place.purl) if place.purl else None
            names = {place.name, *(filter(None, (read.name if read else None,)))}
            for space in {place.namespace, read.namespace if read else None} - {None}:
                names |= {f"{space}:{name}" for name in list(names)} | {f"{space}/{name}" for name in list(names)}
            version = place.version or ""
            yield from _joined(names, version)
            yield from _joined(names, version.removeprefix("v"))


def _joined(names: set[str], version: str) -> Iterator[str]:
    for name in names - {""}:
        yield f"{name}@{version}".rstrip("@").lower()


def _others(item: Observation) -> Iterator[str]:
    """Yield names that the reference takes for paths or components: the purl, the image, the asset, the target."""
    for place in _all_places(item):
        if isinstance(place, PackageLocation):
            yield from (name.lower() for name in (place.purl, place.name, place.path) if name)
            image = place.image
            if image is not None and image.name:
                for name in (image.name.lower(), image.name.lower().rpartition("/")[2]):
                    yield from (name, f"{name}:{image.tag}", f"{name}@{image.tag}")
        elif isinstance(place, ResourceLocation):
            name = place.resource.lower()
            yield from (name, "@".join(name.rsplit(":", 1)))
        elif isinstance(place, UrlLocation):
            yield place.url.lower()
    if item.asset:
        yield item.asset.partition(":")[2].lower()


def _steps(names: Iterable[str]) -> tuple[str, ...]:
    """Return a chain without the versions and without the target, which the reference may lack or have."""
    found = tuple(re.sub(r"(?<=.)@[^@/]*$", "", name.strip()).lower() for name in names)
    return tuple(name for name in found if name)


def _chains(item: Observation) -> Iterator[tuple[str, ...]]:
    for place in _all_places(item):
        if isinstance(place, PackageLocation) and place.dependency_path:
            steps = _steps(place.dependency_path)
            yield steps
            yield (*steps, place.name.lower())


def _host(name: str) -> str:
    name = name.lower().removeprefix("//")
    return name.partition(":")[0] if name.count(":") == 1 else name


def _hosts(item: Observation) -> Iterator[str]:
    for place in _all_places(item):
        if isinstance(place, HostLocation):
            yield from (name.lower() for name in (place.host, place.ip) if name)
        elif isinstance(place, UrlLocation):
            yield (urlsplit(place.url).hostname or place.url).lower()
        elif isinstance(place, ResourceLocation):
            yield from (name.lower() for name in (place.resource, place.name) if name)
            yield (urlsplit(place.resource).hostname or place.resource).lower()


__all__ = ["MEASURES", "Facts", "bare", "wanted"]
