"""Gobuster: finds paths of a web server by guessing."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import CLEAN, Format, Reading, ScannerSpec, TextShape, construct
from sluice_shared.contracts.finding import Kind, Observation, ObservationStatus, Severity, UrlLocation

_SETUP = """
```sh
gobuster dir -e -u https://shop.acme.example -w words.txt --no-color -q -o gobuster.txt
sluice push gobuster.txt --asset service:shop --scanner gobuster
```
`-e` writes whole URLs. Paths that answer are listed as informational.
"""
_LINE = re.compile(r"^(?P<path>\S+) +\(Status: (?P<code>\d{3})\)(?: \[Size: \d+\])?(?: \[--> (?P<to>[^\]]+)\])?\s*$")
_SITE = re.compile(r"^\[\+\] Url: +(\S+)|\[--> (https?://[^/\]]+)", re.MULTILINE)


def _read(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield one observation for each path that answered."""
    words = str(document)
    found_site = _SITE.search(words)
    site = ((found_site[1] or found_site[2]) if found_site else "").rstrip("/")
    for line in words.splitlines():
        if (found := _LINE.match(line.strip())) is None:
            continue
        path = found["path"]
        where = path if "://" in path else site + "/" + path.lstrip("/")
        yield reading.observe(
            kind=Kind.DAST,
            rule_id="discovered-path",
            title=f"{where} answers with {found['code']}",
            severity=Severity.INFO,
            status=ObservationStatus.INFORMATIONAL,
            location=construct(UrlLocation, {"url": where, "status_code": found["code"]}),
            evidence={"redirect": found["to"]},
        )


SPEC = ScannerSpec(
    name="gobuster",
    title="Gobuster",
    kinds=(Kind.DAST,),
    homepage="https://github.com/OJ/gobuster",
    setup=_SETUP,
    trivial={"": CLEAN},
    formats=(
        Format(
            name="gobuster-dir",
            container="text",
            detect=TextShape(patterns=(r"^\S+ +\(Status: \d{3}\)(?: \[Size: \d+\])?",)),
            parse=_read,
        ),
    ),
)
