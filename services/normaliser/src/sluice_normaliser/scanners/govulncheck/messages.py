"""The stream of messages: entries of the vulnerability database, and findings that refer to them."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, grade
from sluice_normaliser.kit.coerce import integer, strings
from sluice_normaliser.kit.cvss import rating
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.packages import complete
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_normaliser.kit.times import parse_time
from sluice_shared.contracts.finding import (
    CodeFlowStep,
    CodeLocation,
    Kind,
    Observation,
    PackageLocation,
    Rating,
    Reference,
)

_USED = frozenset(
    {
        "schema_version",
        "id",
        "aliases",
        "related",
        "summary",
        "details",
        "published",
        "references",
        "severity",
        "affected",
    }
)


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each vulnerability of a module, from all findings about it.

    govulncheck reports the same vulnerability again for each package that is imported and each function that is called.
    """
    messages = objs(document)
    entries = {words(entry.get("id")): entry for entry in (obj(each.get("osv")) for each in messages) if entry}
    found: dict[tuple[str | None, str | None], list[dict[str, Any]]] = {}
    for finding in (obj(each.get("finding")) for each in messages):
        if finding:
            name = words(finding.get("osv"))
            module = words(_trace(finding)[0].get("module")) or _module(entries.get(name, {}))
            found.setdefault((name, module), []).append(finding)
    levels = {words(obj(each.get("config")).get("scan_level")) for each in messages} - {None}
    for (name, module), findings in found.items():
        by_symbol = not levels or "symbol" in levels
        yield _observation(name, module, findings, entries.get(name, {}), reading, by_symbol=by_symbol)


def _observation(
    name: str | None,
    module: str | None,
    findings: list[dict[str, Any]],
    entry: dict[str, Any],
    reading: Reading,
    *,
    by_symbol: bool,
) -> Observation:
    traces = [_trace(finding) for finding in findings]
    called = [trace for trace in traces if words(trace[0].get("function"))]
    imported = any(words(trace[0].get("package")) for trace in traces)
    fixed = next((found for found in (words(each.get("fixed_version")) for each in findings) if found), None)
    flows = [flow for flow in (_flow(trace) for trace in called) if flow]
    level = "called" if called else "imported" if imported else "required"
    reachable = bool(called) if by_symbol else None
    return reading.observe(
        kind=Kind.SCA,
        rule_id=name,
        title=words(entry.get("summary")) or f"{name} in {module}",
        description=entry.get("details"),
        message=_message(level, called) if by_symbol else f"The vulnerable code is {level}.",
        **_known(entry),
        location=_package(module, traces[0][0].get("version"), fixed, entry, reachable=reachable),
        related_locations=_calls(called),
        code_flows=flows or None,
        tags=[level],
        unmapped=_rest(entry, [_symbol(trace[0]) for trace in called]),
    )


def _trace(finding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the frames of a finding, at least one, that may be empty."""
    return objs(items_of(finding.get("trace"))) or [{}]


def _module(entry: dict[str, Any]) -> str | None:
    """Return the module that an entry is about, where it is about one."""
    named = {words(obj(each.get("package")).get("name")) for each in objs(entry.get("affected"))}
    return next(iter(named)) if len(named) == 1 else None


def _rest(entry: dict[str, Any], symbols: list[str]) -> dict[str, Any]:
    """Return what of an entry has no field of its own, and the vulnerable functions."""
    rest = {key: value for key, value in entry.items() if key not in _USED and value}
    return {**rest, "symbols": list(dict.fromkeys(symbols))} if symbols else rest


def _known(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that the database's entry gives."""
    ratings: list[Rating | None] = []
    said: str | None = None
    for each in items_of(entry.get("severity")):
        if isinstance(each, dict):
            ratings.append(rating("osv", vector=each.get("score")))
        else:
            said = words(each)
    return {
        "severity": grade(said) if said else None,
        "identifiers": identifiers([entry.get("id"), *strings(entry.get("aliases")), *strings(entry.get("related"))]),
        "ratings": [each for each in ratings if each] or None,
        "references": [
            construct(Reference, {"url": url, "type": (words(each.get("type")) or "web").lower()})
            for each in objs(entry.get("references"))
            if (url := words(each.get("url")))
        ]
        or None,
        "published_at": parse_time(entry.get("published")),
    }


def _message(level: str, called: list[list[dict[str, Any]]]) -> str:
    if not called:
        return f"The vulnerable code is {level}, but not called."
    names = list(dict.fromkeys(_symbol(trace[0]) for trace in called))
    return f"The code calls {', '.join(names)}."


def _symbol(frame: dict[str, Any]) -> str:
    """Return ``net/http.*conn.serve`` of a frame."""
    parts = (words(frame.get(key)) for key in ("package", "receiver", "function"))
    return ".".join(part for part in parts if part)


def _package(
    module: str | None, version: Any, fixed: str | None, entry: dict[str, Any], *, reachable: bool | None
) -> PackageLocation | None:
    done = complete(
        {
            "name": module,
            "version": words(version),
            "ecosystem": "golang",
            "fixed_versions": [fixed] if fixed else [],
            "affected_range": _affected(entry, module),
            "reachable": reachable,
        }
    )
    return construct(PackageLocation, done) if done else None


def _affected(entry: dict[str, Any], module: str | None) -> str | None:
    """Return ``>=0, <1.19.10; >=1.20.0-0, <1.20.5`` of the entry's events."""
    parts: list[str] = []
    for affected in objs(entry.get("affected")):
        if words(obj(affected.get("package")).get("name")) != module:
            continue
        for each in objs(affected.get("ranges")):
            for event in objs(each.get("events")):
                introduced, fixed = words(event.get("introduced")), words(event.get("fixed"))
                if introduced is not None:
                    parts.append(f">={introduced}")
                elif fixed is not None and parts:
                    parts[-1] += f", <{fixed}"
    return "; ".join(parts) or None


def _flow(trace: list[dict[str, Any]]) -> list[CodeFlowStep]:
    """Return the way from the code to the vulnerable function; the trace has it the other way round."""
    return [_step(frame) for frame in reversed(trace)]


def _step(frame: dict[str, Any]) -> CodeFlowStep:
    place = obj(frame.get("position"))
    return construct(
        CodeFlowStep,
        {
            "path": words(place.get("filename")),
            "start_line": _positive(place.get("line")),
            "start_column": _positive(place.get("column")),
            "message": _symbol(frame) or words(frame.get("module")),
        },
    )


def _calls(called: list[list[dict[str, Any]]]) -> list[CodeLocation]:
    """Return where the code itself is on the way: the last frame of each trace."""
    found: dict[tuple[Any, Any], CodeLocation] = {}
    for trace in called:
        place = obj(trace[-1].get("position"))
        path, line = words(place.get("filename")), _positive(place.get("line"))
        if path:
            values = {"path": path, "start_line": line, "start_column": _positive(place.get("column"))}
            found.setdefault((path, line), construct(CodeLocation, {**values, "symbol": _symbol(trace[-1]) or None}))
    return list(found.values())


def _positive(value: Any) -> int | None:
    found = integer(value)
    return found if found and found > 0 else None


def read_old(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each vulnerability of a module, in the format before version 1."""
    found: dict[tuple[str | None, str | None], list[dict[str, Any]]] = {}
    for each in objs(obj(document).get("Vulns")):
        found.setdefault((words(obj(each.get("OSV")).get("id")), words(each.get("ModPath"))), []).append(each)
    modules = {
        words(obj(each).get("Path")): obj(each)
        for each in obj(obj(obj(document).get("Requires")).get("Modules")).values()
    }
    for (name, module), vulnerabilities in found.items():
        entry = obj(vulnerabilities[0].get("OSV"))
        called = [each for each in vulnerabilities if each.get("CallSink")]
        level = (
            "called"
            if called
            else "imported"
            if any(each.get("ImportSink") for each in vulnerabilities)
            else "required"
        )
        symbols = [f"{words(each.get('PkgPath'))}.{words(each.get('Symbol'))}" for each in vulnerabilities]
        yield reading.observe(
            kind=Kind.SCA,
            rule_id=name,
            title=words(entry.get("summary")) or f"{name} in {module}",
            description=entry.get("details"),
            **_known(entry),
            location=_package(
                module, obj(modules.get(module)).get("Version"), _fixed(entry, module), entry, reachable=bool(called)
            ),
            tags=[level],
            unmapped=_rest(entry, symbols),
        )


def _fixed(entry: dict[str, Any], module: str | None) -> str | None:
    """Return the last version that fixes a module, as the entry's events have it."""
    versions = [
        words(event.get("fixed"))
        for affected in objs(entry.get("affected"))
        if words(obj(affected.get("package")).get("name")) == module
        for each in objs(affected.get("ranges"))
        for event in arr(each.get("events"))
        if isinstance(event, dict) and event.get("fixed")
    ]
    return versions[-1] if versions else None
