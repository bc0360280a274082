"""The JSON of an audit: every algorithm of a server with what speaks against it, and the CVEs of its software."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Reading, construct, cvss, grade
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import arr, obj, objs, words
from sluice_shared.contracts.finding import Fix, HostLocation, Kind, Observation, ObservationStatus

TITLES = {
    "kex": "key exchange",
    "key": "host key",
    "enc": "cipher",
    "mac": "message authentication code",
    "fin": "host key fingerprint",
    "sec": "security",
    "gen": "banner",
}
_ACTIONS = {"del": "remove", "chg": "change", "add": "add"}
_LEVELS = {"critical": "fail", "warning": "warn", "informational": "info"}
_SSH = 22
_BROKEN_CRYPTOGRAPHY = 327

Objects = dict[str, Any]


def read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the algorithms and CVEs of every server; where there are several, each is an asset of its own."""
    servers = objs(document) or [obj(document)]
    for server in servers:
        where = place(words(server.get("target")) or words(server.get("client_ip")), obj(server.get("banner")))
        for found in _server(server, where, reading):
            found.asset = asset(where) if len(servers) > 1 else None
            yield found


def asset(where: HostLocation) -> str:
    """Return the asset key of a server."""
    return f"host:{where.host.lower()}"


def _server(server: Objects, where: HostLocation, reading: Reading) -> Iterator[Observation]:
    advised = _advice(server)
    noted = False
    for sort in ("kex", "key", "enc", "mac"):
        for found in arr(server.get(sort)):
            one = obj(found) or {"algorithm": found}
            noted = noted or bool(obj(one.get("notes")))
            yield _algorithm(sort, one, advised, where, reading)
    if not noted:
        yield from _advised_only(advised, where, reading)
    for one in arr(server.get("cves")):
        yield _cve(obj(one) or {"name": one}, where, reading)


def place(target: str | None, banner: Objects) -> HostLocation:
    """Return the server; a target without a port is at 22."""
    name, colon, port = (target or "").rpartition(":")
    if not colon or not port.isdigit() or (":" in name and not name.startswith("[")):
        name, port = target or "", ""
    software = words(banner.get("software"))
    return construct(
        HostLocation,
        {
            "host": name.strip("[]") or "unknown",
            "port": int(port) if port else _SSH,
            "protocol": "tcp",
            "service": f"ssh ({software})" if software else "ssh",
        },
    )


def algorithm(
    sort: str,
    name: str,
    notes: dict[str, list[str]],
    where: HostLocation | None,
    reading: Reading,
    *,
    recommendation: str | None = None,
    size: Any = None,
) -> Observation:
    """Return the observation of one algorithm; ``notes`` are ssh-audit's by ``fail``, ``warn`` and ``info``."""
    level = next((level for level in ("fail", "warn") if notes.get(level)), None)
    against = [*notes.get("fail", []), *notes.get("warn", [])]
    return reading.observe(
        kind=Kind.HOST,
        rule_id=f"{sort}:{name}",
        rule_name=name,
        title=f"{name}: {'weak' if level else 'accepted'} {TITLES.get(sort, sort)}",
        message="\n".join(against) or None,
        severity=grade(level, "levels") if level else grade("info"),
        status=ObservationStatus.OPEN if level else ObservationStatus.PASSED,
        cwes=[_BROKEN_CRYPTOGRAPHY] if level else [],
        location=where,
        fix=construct(Fix, {"recommendation": recommendation}) if recommendation else None,
        evidence={"notes": "\n".join(notes.get("info", []))},
        tags=[sort],
        unmapped={"keysize": size} if size else {},
    )


def _advice(server: Objects) -> dict[tuple[str, str], tuple[str, str]]:
    """Return, for a kind of algorithm and its name, the level of a recommendation and its words."""
    advised: dict[tuple[str, str], tuple[str, str]] = {}
    for level, actions in obj(server.get("recommendations")).items():
        for action, sorts in obj(actions).items():
            for sort, listed in obj(sorts).items():
                for one in arr(listed):
                    name, notes = words(obj(one).get("name")) or words(one) or "", words(obj(one).get("notes"))
                    said = f"{_ACTIONS.get(action, action)} {name}" + (f": {notes}" if notes else "")
                    advised[sort, name] = (f"{level}/{action}", said)
    return advised


def _algorithm(
    sort: str, one: Objects, advised: dict[tuple[str, str], tuple[str, str]], where: HostLocation, reading: Reading
) -> Observation:
    name = words(one.get("algorithm")) or words(one.get("name")) or "unknown"
    told = obj(one.get("notes"))
    notes = {level: [str(note) for note in items_of(told.get(level))] for level in ("fail", "warn", "info")}
    recommendation = advised.get((sort, name))
    return algorithm(
        sort,
        name,
        notes,
        where,
        reading,
        recommendation=recommendation[1] if recommendation else None,
        size=one.get("keysize"),
    )


def _advised_only(
    advised: dict[tuple[str, str], tuple[str, str]], where: HostLocation, reading: Reading
) -> Iterator[Observation]:
    """Yield what old versions say of weak algorithms: they note nothing, and only recommend to remove them."""
    for (sort, name), (level, said) in advised.items():
        against, _, action = level.partition("/")
        if action != "add":
            notes = {_LEVELS.get(against, "warn"): [said]}
            yield algorithm(sort, name, notes, where, reading, recommendation=said)


def _cve(one: Objects, where: HostLocation, reading: Reading) -> Observation:
    name, score = words(one.get("name")) or "unknown", one.get("cvssv2")
    scored = cvss.rating("ssh-audit", score=score, version="2.0")
    return reading.observe(
        kind=Kind.HOST,
        rule_id=name,
        title=words(one.get("description")) or name,
        description=words(one.get("description")),
        severity=grade(score, "cvss2"),
        identifiers=[name],
        location=where,
        ratings=[scored] if scored else None,
    )
