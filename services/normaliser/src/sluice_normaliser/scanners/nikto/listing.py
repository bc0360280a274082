"""Nikto's CSV (without a header), its HTML, and the text that it prints or writes; none of them names its tests."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sluice_normaliser.kit import Reading, construct
from sluice_normaliser.kit.containers.csv import escaped
from sluice_normaliser.kit.identifiers import identifiers
from sluice_normaliser.kit.text import plain
from sluice_normaliser.scanners.nikto.places import address, osvdb
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, UrlLocation

_COLUMNS = 7
_CELLS = re.compile(
    r'<td class="column-head"[^>]*>\s*(?P<name>[^<]*?)\s*</td>\s*<td[^>]*>(?P<value>.*?)</td>', re.DOTALL
)
_LINK = re.compile(r"""href=["']([^"']+)["']""")
_TARGET = re.compile(r"^\+ Target (?P<name>IP|Host|Hostname|Port):\s*(?P<value>\S*)")
_ITEM = re.compile(
    r"^\+ (?:\[(?P<id>\d+)\] )?(?:(?P<osvdb>OSVDB-\d+): )?(?:(?P<method>[A-Z]{3,9}) )?"
    r"(?:(?P<path>/\S*): )?(?P<message>\S.*)$"
)
_SAID = re.compile(
    r"^\+ (?:Target |Start Time|End Time|Server: |Site Link|SSL Info|Platform: |Scan terminated|ERROR: |\d+ requests|"
    r"\d+ items checked|\d+ host\(s\) tested|No web server found|Your Nikto)"
)
_NONE = re.compile(r"^\+ (?:0 host\(s\) tested|No web server found.*|ERROR: .*)$", re.MULTILINE)
_TESTED = re.compile(r"^\+ [1-9]\d* host\(s\) tested", re.MULTILINE)
_ITEM_FIELDS = frozenset({"URI", "HTTP Method", "Description", "Test Links", "References", "OSVDB Entries"})


class _Target(NamedTuple):
    """The server that was tested."""

    host: str | None = None
    ip: str | None = None
    port: str | None = None
    banner: str | None = None


def none_tested(document: Any) -> str | None:
    """Return what Nikto says when it could test no server."""
    found = _NONE.search(document)
    return found.group(0).removeprefix("+ ") if found and not _TESTED.search(document) else None


def read_csv(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the rows that have a message; those without a method and a path tell the server's banner."""
    banners: dict[tuple[str, ...], str] = {}
    for cells in escaped(document):
        if len(cells) < _COLUMNS:
            continue
        name, ip, port, reference, method, path, *rest = cells
        message = ",".join(rest)
        if not method and not path and (name, ip, port) not in banners:
            banners[name, ip, port] = message
            continue
        target = _Target(name, ip, port, banners.get((name, ip, port)))
        yield _observe(target, message, reading, method=method, path=path, references=reference)


def read_html(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the tables of results; those of the server and of the run stand between them."""
    target: dict[str, str] = {}
    item: dict[str, str] = {}
    for match in _CELLS.finditer(document):
        name = plain(match["name"])
        if item and (name == "URI" or name not in _ITEM_FIELDS):
            yield _from_table(target, item, reading)
            item = {}
        if name in _ITEM_FIELDS:
            item[name] = match["value"]
        else:
            target[name] = plain(match["value"]).strip()
    if item:
        yield _from_table(target, item, reading)


def _from_table(target: dict[str, str], item: dict[str, str], reading: Reading) -> Observation:
    server = _Target(
        target.get("Target hostname"), target.get("Target IP"), target.get("Target Port"), target.get("HTTP Server")
    )
    link = _LINK.search(item.get("Test Links", ""))
    references = f"{item.get('References', '')} {item.get('OSVDB Entries', '')}"
    named = [plain(references), *_LINK.findall(references)]
    return _observe(
        server,
        " ".join(plain(item.get("Description", "")).split()),
        reading,
        method=plain(item.get("HTTP Method", "")).strip(),
        path=plain(item.get("URI", "")).strip(),
        link=link.group(1) if link else None,
        references=" ".join(named),
    )


def read_text(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield the lines that are results."""
    told: dict[str, str] = {}
    for line in document.splitlines():
        if found := _TARGET.match(line):
            told["Host" if found["name"] == "Hostname" else found["name"]] = found["value"]
        elif line.startswith("+ Server: "):
            told["Server"] = line.removeprefix("+ Server: ").strip()
        elif not _SAID.match(line) and (item := _ITEM.match(line)):
            target = _Target(told.get("Host"), told.get("IP"), told.get("Port"), told.get("Server"))
            yield _observe(
                target,
                item["message"],
                reading,
                rule=item["id"],
                method=item["method"],
                path=item["path"],
                references=item["osvdb"],
            )


def _observe(
    target: _Target,
    message: str,
    reading: Reading,
    *,
    rule: str | None = None,
    method: str | None = None,
    path: str | None = None,
    link: str | None = None,
    references: str | None = None,
) -> Observation:
    said = message.removeprefix(f"{path}: ") if path else message
    number = next((part for part in (references or "").split() if part.upper().startswith("OSVDB-")), None)
    named = identifiers(osvdb(number), otherwise="osvdb") if osvdb(number) else []
    host = target.host or target.ip
    place = link or address(host, target.port, path)
    server = {"host": host, "ip": target.ip, "port": target.port, "service": target.banner}
    return reading.observe(
        kind=Kind.DAST,
        rule_id=rule,
        title=said,
        message=said,
        identifiers=[*named, *identifiers([references, said])],
        location=construct(UrlLocation, {"url": place, "method": method or None}) if place else None,
        related_locations=[construct(HostLocation, {key: value for key, value in server.items() if value})]
        if host
        else [],
        references=[part for part in (references or "").split() if "://" in part and not part.endswith("/0")],
    )
