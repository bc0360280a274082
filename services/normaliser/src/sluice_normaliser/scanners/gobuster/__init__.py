"""Gobuster: finds paths of a web server by guessing."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import CLEAN, Format, Reading, ScannerSpec, TextShape, construct
from sluice_shared.contracts.finding import HostLocation, Kind, Observation, ObservationStatus, Severity, UrlLocation

_SETUP = """
```sh
gobuster dir -e -u https://shop.acme.example -w words.txt --no-color -q -o gobuster.txt
sluice push gobuster.txt --asset service:shop --scanner gobuster
```
`-e` writes whole URLs. What answers, or resolves (`vhost`, `dns` and `fuzz` mode), is listed as informational.
"""
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINE = re.compile(
    r"^(?:(?:Found: )?(?P<path>\S+) +\(?Status: (?P<code>\d{3})\)?"
    r"|Found: \[Status=(?P<fuzzed>\d{3})\].* (?P<address>https?://\S+))"
    r"(?: +\[Size: \d+\])?(?: +\[--> (?P<to>[^\]]+)\])?\s*$"
)
_NAME = re.compile(r"^Found: (?P<name>(?=[^\s\[]*\.)[\w.-]+)(?: \[(?P<addresses>[^\]]*)\])?\s*$")
_SITE = re.compile(r"^\[\+\] Url: +(\S+)|\[--> (https?://[^/\]]+)", re.MULTILINE)


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each path, virtual host or name that answered."""
    words = _COLOUR.sub("", str(document))
    found_site = _SITE.search(words)
    site = ((found_site[1] or found_site[2]) if found_site else "").rstrip("/")
    for line in words.splitlines():
        if (named := _NAME.match(line.strip())) is not None:
            yield _name(named["name"], named["addresses"], reading)
        if (found := _LINE.match(line.strip())) is None:
            continue
        path, code = found["path"] or found["address"], found["code"] or found["fuzzed"]
        is_host = line.lstrip().startswith("Found: ")
        where = path if "://" in path else f"http://{path}" if is_host else site + "/" + path.lstrip("/")
        yield reading.observe(
            kind=Kind.DAST,
            rule_id="discovered-path",
            title=f"{where} answers with {code}",
            severity=Severity.INFO,
            status=ObservationStatus.INFORMATIONAL,
            location=construct(UrlLocation, {"url": where, "status_code": code}),
            evidence={"redirect": found["to"]},
        )


def _name(name: str, addresses: str | None, reading: Reading) -> Observation:
    return reading.observe(
        kind=Kind.HOST,
        rule_id="discovered-name",
        title=f"{name} resolves",
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=construct(HostLocation, {"host": name}),
        evidence={"addresses": addresses} if addresses else {},
    )


SPEC = ScannerSpec(
    name="gobuster",
    title="Gobuster",
    kinds=(Kind.DAST, Kind.HOST),
    homepage="https://github.com/OJ/gobuster",
    setup=_SETUP,
    trivial={"": CLEAN},
    formats=(
        Format(
            name="gobuster-dir",
            container="text",
            detect=TextShape(patterns=(r"^\S+ +(?:\x1b\[[\d;]*m)? *\(Status: \d{3}\)(?: \[Size: \d+\])?",)),
            parse=_read,
        ),
        Format(
            name="gobuster-found",
            container="text",
            detect=TextShape(
                patterns=(r"^Found: (?:\[Status=\d{3}\] \[Length=|\S+ +\(?Status: \d{3}|[\w-]+\.[\w.-]+\s)",)
            ),
            parse=_read,
        ),
        Format(
            name="gobuster-banner",
            container="text",
            detect=TextShape(
                patterns=(r"^(?:Gobuster v\d|by OJ Reeves)", r"^\[\+\] (?:Url|Mode|Method|Domain|Threads)")
            ),
            parse=_read,
        ),
    ),
)
