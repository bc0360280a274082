"""SARIF locations (§3.28): files by URI, base and index, regions, logical locations, threads of code flow."""

from typing import Any
from urllib.parse import unquote

from sluice_normaliser.kit import clean_path
from sluice_normaliser.kit.coerce import integer, text
from sluice_normaliser.kit.construct import construct
from sluice_normaliser.kit.packages import read_purl
from sluice_normaliser.kit.shapes import arr, at, obj, objs, words
from sluice_normaliser.scanners.sarif.messages import resolve
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    CodeLocation,
    Location,
    PackageLocation,
    ResourceLocation,
    UrlLocation,
)

_WEB = ("http://", "https://", "ws://", "wss://")
_MAX_BASES = 10
_MAX_FRAMES = 200
_RESOURCE_KINDS = frozenset({"resource", "package_resource"})


def _line(value: Any) -> int | None:
    found = integer(value)
    return found if found and found > 0 else None


def _offset(value: Any) -> int | None:
    found = integer(value)
    return found if found is not None and found >= 0 else None


def _snippet(region: dict[str, Any]) -> str | None:
    return text(obj(region.get("snippet")).get("text"))


class Places:
    """The locations of one run, with what they refer to: its files, its bases, its logical locations, its threads."""

    def __init__(self, run: dict[str, Any], commit: str | None) -> None:
        self._files = objs(run.get("artifacts"))
        self._logical = objs(run.get("logicalLocations"))
        self._threads = objs(run.get("threadFlowLocations"))
        self._bases = obj(run.get("originalUriBaseIds"))
        self._strings = obj(obj(obj(run.get("tool")).get("driver")).get("globalMessageStrings"))
        self._commit = commit
        self._roots = self._absolute_roots()
        self._paths: dict[tuple[str, str | None], tuple[str, str | None]] = {}

    def _absolute_roots(self) -> list[tuple[str, str]]:
        """Return the bases that are absolute folders, the deepest first; files below one are named relative to it."""
        found: list[tuple[str, str]] = []
        for name in self._bases:
            folder = self._folder(name)
            if folder and folder.startswith("/") and folder.rstrip("/"):
                found.append((folder.rstrip("/") + "/", name))
        return sorted(found, key=lambda root: -len(root[0]))

    def _folder(self, name: str) -> str | None:
        parts: list[str] = []
        current: Any = name
        for _ in range(_MAX_BASES):
            base = obj(self._bases.get(current))
            uri = words(base.get("uri"))
            if uri:
                parts.append(clean_path(uri))
            current = base.get("uriBaseId")
            if current.__class__ is not str:
                break
        return "".join(part if part.endswith("/") else part + "/" for part in reversed(parts)) or None

    def file(self, artifact: Any) -> tuple[str | None, str | None]:
        """Return the path (or the URL) and the base of an ``artifactLocation`` (§3.4)."""
        given = obj(artifact)
        uri, base = given.get("uri"), given.get("uriBaseId")
        if uri.__class__ is not str or not uri:
            known = obj(at(self._files, given.get("index")).get("location"))
            uri, base = known.get("uri"), known.get("uriBaseId", base)
            if uri.__class__ is not str or not uri:
                return None, words(base)
        key = (uri, base if base.__class__ is str else None)
        found = self._paths.get(key)
        if found is None:
            found = self._paths[key] = self._resolved(*key)
        return found

    def _resolved(self, uri: str, base: str | None) -> tuple[str, str | None]:
        if uri.lower().startswith(_WEB):
            return uri, base
        path = clean_path(uri) if uri.lower().startswith("file:") else clean_path(unquote(uri))
        for root, name in self._roots:
            if path.startswith(root) and len(path) > len(root):
                return path[len(root) :], base or name
        return path, base

    def location(self, value: Any, *catalogues: Any) -> Location | None:
        """Return one location (§3.28): a span of a file, a URL, a resource; None when it names no place."""
        given = obj(value)
        physical = obj(given.get("physicalLocation"))
        path, base = self.file(physical.get("artifactLocation"))
        logical = self._logical_of(given)
        message = resolve(given.get("message"), *catalogues, self._strings) if "message" in given else None
        if path is None:
            return self._logical_only(logical, message, base)
        if path.startswith(_WEB):
            return construct(UrlLocation, {"url": path})
        region, context = obj(physical.get("region")), obj(physical.get("contextRegion"))
        start = _line(region.get("startLine"))
        end = _line(region.get("endLine")) or start
        return construct(
            CodeLocation,
            {
                "path": path,
                "start_line": start,
                "start_column": _line(region.get("startColumn")),
                "end_line": end if end is None or start is None or end >= start else start,
                "end_column": _line(region.get("endColumn")),
                "char_offset": _offset(region.get("charOffset")),
                "char_length": _offset(region.get("charLength")),
                "byte_offset": _offset(region.get("byteOffset")),
                "byte_length": _offset(region.get("byteLength")),
                "snippet": _snippet(region) or _snippet(context),
                "symbol": logical.get("symbol"),
                "symbol_kind": logical.get("kind"),
                "uri_base": base,
                "commit": self._commit,
                "message": message,
            },
        )

    def _logical_of(self, location: dict[str, Any]) -> dict[str, str | None]:
        """Return the first logical location: its qualified name and its kind (§3.33)."""
        given = objs(location.get("logicalLocations")) or objs([location.get("logicalLocation")])
        for each in given:
            known = {**at(self._logical, each.get("index")), **each}
            symbol = words(known.get("fullyQualifiedName")) or words(known.get("name"))
            if symbol:
                return {"symbol": symbol, "kind": words(known.get("kind"))}
        qualified = words(location.get("fullyQualifiedLogicalName"))
        return {"symbol": qualified, "kind": None} if qualified else {}

    def _logical_only(self, logical: dict[str, str | None], message: str | None, base: str | None) -> Location | None:
        symbol = logical.get("symbol")
        if not symbol:
            return None
        purl = read_purl(symbol) if symbol.startswith("pkg:") else None
        if purl is not None:
            values = purl._asdict()
            return construct(PackageLocation, values)
        if (logical.get("kind") or "").lower() in _RESOURCE_KINDS:
            return construct(ResourceLocation, {"resource": symbol, "resource_type": logical.get("kind")})
        return construct(
            CodeLocation,
            {"path": "", "symbol": symbol, "symbol_kind": logical.get("kind"), "uri_base": base, "message": message},
        )

    def flows(self, result: dict[str, Any], *catalogues: Any) -> list[list[CodeFlowStep]]:
        """Return the thread flows of a result (§3.36, §3.37), each as its steps."""
        found: list[list[CodeFlowStep]] = []
        for flow in objs(result.get("codeFlows")):
            for thread in objs(flow.get("threadFlows")):
                steps = [self._step(each, *catalogues) for each in objs(thread.get("locations"))]
                if steps:
                    found.append(steps)
        return found

    def _step(self, value: dict[str, Any], *catalogues: Any) -> CodeFlowStep:
        given = {**at(self._threads, value.get("index")), **value}
        place = obj(given.get("location"))
        physical = obj(place.get("physicalLocation"))
        region = obj(physical.get("region"))
        path, _ = self.file(physical.get("artifactLocation"))
        message = resolve(place.get("message"), *catalogues, self._strings)
        return construct(
            CodeFlowStep,
            {
                "path": path,
                "start_line": _line(region.get("startLine")),
                "start_column": _line(region.get("startColumn")),
                "end_line": _line(region.get("endLine")),
                "end_column": _line(region.get("endColumn")),
                "message": message or self._logical_of(place).get("symbol"),
                "snippet": _snippet(region) or _snippet(obj(physical.get("contextRegion"))),
            },
        )

    def stack(self, value: dict[str, Any]) -> str | None:
        """Return a call stack (§3.44) as text, one frame a line."""
        lines = [message] if (message := resolve(value.get("message"), self._strings)) else []
        for frame in objs(value.get("frames"))[:_MAX_FRAMES]:
            place = obj(frame.get("location"))
            physical = obj(place.get("physicalLocation"))
            path, _ = self.file(physical.get("artifactLocation"))
            line = _line(obj(physical.get("region")).get("startLine"))
            arguments = ", ".join(text(each) or "" for each in arr(frame.get("parameters")))
            name = self._logical_of(place).get("symbol") or words(frame.get("module")) or "?"
            where = f" ({path}:{line})" if path and line else f" ({path})" if path else ""
            lines.append(f"at {name}({arguments}){where}")
        return "\n".join(lines) or None
