"""A site that WhatWeb looked at: its address, its answer, and the plugins that recognised something."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.kit.text import strip_ansi
from sluice_shared.contracts.finding import (
    HostLocation,
    Kind,
    Observation,
    ObservationStatus,
    PackageLocation,
    Severity,
    UrlLocation,
)

Plugins = dict[str, Mapping[str, Any]]
_BRIEF = re.compile(r"^(?P<target>https?://\S+) \[(?P<status>\d{3}) [^\]]*\] ?(?P<plugins>.*)$")
_PART = re.compile(r"(?:[^,\[]|\[[^\[\]]*\]|,(?! ))+")
_VALUE = re.compile(r"\[([^\[\]]*)\]")
_NO_SOFTWARE = frozenset(
    {"IP", "Country", "Title", "Email", "HTML5", "Script", "Cookies", "HttpOnly", "UncommonHeaders"}
)


def read_json(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the sites of a JSON log; its last item is empty, because each one ends with a comma."""
    for site in _sites(document):
        plugins: Plugins = {name: obj(found) for name, found in obj(site.get("plugins")).items()}
        yield _observe(words(site.get("target")), site.get("http_status"), plugins, reading)


def _sites(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, or of the lists that a log written to more than once holds."""
    for each in arr(document):
        if isinstance(each, list):
            yield from _sites(each)
        elif obj(each):
            yield each


def read_verbose(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the sites of a verbose JSON log: a line is ``[target, status, [[plugin, [match, …]], …]]``."""
    for site in arr(document):
        target, status, found, *_ = [*arr(site), None, None, None]
        plugins: Plugins = {}
        for name, matches, *_rest in (each for each in arr(found) if isinstance(each, list) and len(each) > 1):
            merged: dict[str, list[Any]] = {}
            for match in objs(matches):
                for key in _VALUES:
                    merged.setdefault(key, []).extend(items_of(match.get(key)))
            plugins[str(name)] = {key: list(dict.fromkeys(map(str, said))) for key, said in merged.items() if said}
        yield _observe(words(target), status, plugins, reading)


_VALUES = ("version", "os", "string", "account", "model", "firmware", "module", "filepath")


def read_xml(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the sites of an XML log."""
    for site in items_of(obj(document).get("target")):
        target = obj(site)
        plugins = {words(each.get("name")) or "unknown": each for each in map(obj, items_of(target.get("plugin")))}
        found: Plugins = {
            name: {key: value for key, value in each.items() if key != "name"} for name, each in plugins.items()
        }
        yield _observe(words(target.get("uri")), target.get("http-status"), found, reading)


def read_brief(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the sites of what is printed: a line for each."""
    for line in str(document).splitlines():
        site = _BRIEF.match(strip_ansi(line).strip())
        if site is None:
            continue
        plugins: Plugins = {
            each.partition("[")[0].strip(): {"string": _VALUE.findall(each)} for each in _PART.findall(site["plugins"])
        }
        yield _observe(site["target"], site["status"], plugins, reading)


def _observe(target: str | None, status: Any, recognised: Plugins, reading: Reading) -> Observation:
    plugins = dict(sorted(recognised.items()))
    lines = [_line(name, found) for name, found in plugins.items()]
    address = words(_one(plugins.get("IP", {}).get("string")))
    host = construct(HostLocation, {"host": address, "ip": address}) if address else None
    software = [
        construct(PackageLocation, {"name": name, "version": version})
        for name, found in plugins.items()
        if name not in _NO_SOFTWARE and (version := words(_one(found.get("version"))))
    ]
    return reading.observe(
        kind=Kind.DAST,
        rule_id="site-fingerprint",
        title=f"{target or 'a site'} is made of {', '.join(name for name in plugins) or 'nothing that is known'}",
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=construct(UrlLocation, {"url": target or "unknown", "status_code": _code(status)}),
        related_locations=[*([host] if host else []), *software],
        evidence={"plugins": "\n".join(lines)},
        tags=list(plugins),
    )


def _code(status: Any) -> int | None:
    said = words(status) or ""
    return int(said) if said.isdigit() else None


def _one(value: Any) -> Any:
    return next(iter(items_of(value)), None)


def _line(name: str, found: Mapping[str, Any]) -> str:
    said = [
        f"{key}: {', '.join(map(str, items_of(value)))}"
        for key, value in sorted(found.items())
        if value not in (None, "", [])
    ]
    return f"{name} ({'; '.join(said)})" if said else name
