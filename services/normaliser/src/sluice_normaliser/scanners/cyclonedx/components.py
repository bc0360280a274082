"""What a bill of materials lists, by the reference under which the rest of the document speaks of it."""

from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from sluice_normaliser.kit import construct, image_name
from sluice_normaliser.kit.coerce import integer, strings
from sluice_normaliser.kit.filepath import clean_path
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import CodeLocation, ImageRef, Kind, PackageLocation

_SYSTEM = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")
_SEPARATORS = {"maven": ":", "npm": "/", "composer": "/", "golang": "/"}
_PATHS = ("aquasecurity:trivy:FilePath", "syft:location:0:path", "SrcFile")
_INSIDE = frozenset({"application", "container", "operating-system", "platform", "file", "device", "firmware"})


class Components:
    """The components and services of a document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._root = obj(obj(document.get("metadata")).get("component"))
        self._by_ref: dict[str, dict[str, Any]] = {}
        listed = [self._root, *objs(document.get("components")), *objs(document.get("services"))]
        self._all = list(_all(listed))
        for component in self._all:
            for ref in (words(component.get("bom-ref")), words(component.get("purl"))):
                if ref:
                    self._by_ref.setdefault(ref, component)
        self._parents = _parents(document, words(self._root.get("bom-ref")))
        self._image = _image(self._root)
        self._about: dict[str, dict[str, Any]] = {}
        self._places: dict[str, list[CodeLocation]] = {}

    def of(self, ref: str) -> dict[str, Any]:
        """Return the component that a reference (a ``bom-ref``, a BOM-Link or a purl) means; empty when unknown."""
        return self._by_ref.get(ref) or self._by_ref.get(unquote(ref.rpartition("#")[2])) or {}

    def own_vulnerabilities(self) -> Iterator[dict[str, Any]]:
        """Yield the vulnerabilities that stand in their component (extension 1.0), with its reference as ``ref``."""
        for component in self._all:
            inside = objs(component.get("vulnerabilities"))
            if inside:
                ref = words(component.get("bom-ref")) or words(component.get("purl")) or _named(component)
                self._by_ref.setdefault(ref, component)
                yield from ({**vulnerability, "ref": ref} for vulnerability in inside)

    def kind(self, component: dict[str, Any]) -> Kind:
        """Return whether a component's vulnerabilities are those of a container or of a dependency."""
        of_system = (words(component.get("purl")) or "").startswith(_SYSTEM)
        return Kind.CONTAINER if of_system or self._image is not None else Kind.SCA

    def location(self, ref: str, **more: Any) -> PackageLocation | None:
        """Return the package that a reference means; ``more`` are what its vulnerability adds."""
        about = self._about.get(ref)
        if about is None:
            about = self._about[ref] = self._describe(ref)
        found = complete({**about, **{name: value for name, value in more.items() if value}})
        if found is None:
            bare = unquote(ref.rpartition("#")[2])
            found = {"name": bare} if bare else None
        return None if found is None else construct(PackageLocation, found)

    def _describe(self, ref: str) -> dict[str, Any]:
        component = self.of(ref)
        named, group = words(component.get("name")), words(component.get("group"))
        bare = unquote(ref.rpartition("#")[2])
        purl = words(component.get("purl")) or (bare if bare.startswith("pkg:") else None)
        place = next(iter(self._seen(ref)), None)
        path = self._path(words(component.get("bom-ref")) or ref)
        values = {
            "name": _full_name(group, named, purl),
            "namespace": group,
            "version": words(component.get("version")),
            "purl": purl,
            "cpe": words(component.get("cpe")),
            "path": place.path if place else None,
            "line": place.start_line if place else None,
            "scope": words(component.get("scope")),
            "dependency_path": [self._label(step) for step in path],
            "direct": self._direct(path),
            "image": self._image,
        }
        return {name: value for name, value in values.items() if value not in (None, [], "")}

    def _seen(self, ref: str) -> list[CodeLocation]:
        found = self._places.get(ref)
        if found is None:
            found = self._places[ref] = list(_places(self.of(ref)))
        return found

    def other_places(self, ref: str) -> list[CodeLocation]:
        """Return the files beyond the first in which a component was seen."""
        return list(self._seen(ref)[1:])

    def _label(self, ref: str) -> str:
        component = self.of(ref)
        name, version = words(component.get("name")), words(component.get("version"))
        return f"{name}@{version}" if name and version else name or ref

    def _path(self, ref: str) -> list[str]:
        found: list[str] = []
        step: str | None = ref if ref in self._parents else None
        while step is not None and step not in found:
            found.append(step)
            step = self._parents.get(step)
        return found[::-1]

    def _direct(self, path: list[str]) -> bool | None:
        libraries = [ref for ref in path if self.of(ref).get("type") not in _INSIDE]
        return len(libraries) == 1 if len(path) > 1 and libraries else None


def _full_name(group: str | None, name: str | None, purl: str | None) -> str | None:
    """Return a name as its ecosystem writes it: ``group:artifact``, ``@scope/name``."""
    sort = (purl or "").removeprefix("pkg:").partition("/")[0]
    separator = _SEPARATORS.get(sort)
    return f"{group}{separator}{name}" if group and name and separator else name


def _named(component: dict[str, Any]) -> str:
    parts = (words(component.get(part)) for part in ("group", "name", "version"))
    return "@".join(part for part in parts if part)


def _all(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    waiting = deque(components)
    while waiting:
        component = waiting.popleft()
        yield component
        waiting.extend(objs(component.get("components")))
        waiting.extend(objs(component.get("services")))


def _parents(document: dict[str, Any], root: str | None) -> dict[str, str | None]:
    """Return by which component each is needed on its shortest way from the root; the root itself has no parent."""
    if root is None:
        return {}
    needs = {words(each.get("ref")): strings(each.get("dependsOn")) for each in objs(document.get("dependencies"))}
    parents: dict[str, str | None] = {root: None}
    waiting = deque([root])
    while waiting:
        ref = waiting.popleft()
        for needed in needs.get(ref, ()):
            if needed not in parents:
                parents[needed] = ref
                waiting.append(needed)
    return parents


def _places(component: dict[str, Any]) -> Iterator[CodeLocation]:
    for occurrence in objs(obj(component.get("evidence")).get("occurrences")):
        path = words(occurrence.get("location"))
        if path:
            line = integer(occurrence.get("line"))
            values = {"path": clean_path(path), "start_line": line or None, "symbol": words(occurrence.get("symbol"))}
            yield construct(CodeLocation, {name: value for name, value in values.items() if value is not None})
    for entry in objs(component.get("properties")):
        path = words(entry.get("value"))
        if entry.get("name") in _PATHS and path:
            yield construct(CodeLocation, {"path": clean_path(path)})


def _image(component: dict[str, Any]) -> ImageRef | None:
    if component.get("type") != "container":
        return None
    said = {str(entry.get("name")): words(entry.get("value")) for entry in objs(component.get("properties"))}
    name = image_name(words(component.get("name")) or "")
    version = words(component.get("version")) or ""
    tagged = image_name(said.get("aquasecurity:trivy:RepoTag") or "")
    digest = name.digest or image_name(said.get("aquasecurity:trivy:RepoDigest") or "").digest
    values = {
        "name": name.name or None,
        "tag": name.tag or tagged.tag or (version if version and ":" not in version else None),
        "digest": digest or (version if version.startswith("sha256:") else None),
        "image_id": said.get("aquasecurity:trivy:ImageID"),
    }
    return construct(ImageRef, {key: value for key, value in values.items() if value})
