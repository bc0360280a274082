"""Snyk Code: finds security problems in source code; it writes SARIF."""

from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, Group, JsonShape, ParsedScan, Reading, ScannerSpec
from sluice_normaliser.kit.shapes import objs
from sluice_normaliser.scanners.sarif.log import read
from sluice_normaliser.scanners.snyk.maps import OF_PROJECT
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
snyk code test --json-file-output=snyk-code.json
sluice push snyk-code.json --asset repo:github.com/acme/shop
```
`--sarif-file-output` writes the same. Dependencies (`snyk test --json`) pushed under this name are read, too.
Snyk ends with status 1 when it found something; that is no failure.
"""


def _read_all(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the scans of the logs of several projects."""
    for log in objs(document):
        yield from read(log, reading)


SPEC = ScannerSpec(
    name="snyk_code",
    title="Snyk Code",
    kinds=(Kind.SAST, Kind.SECRET),
    homepage="https://docs.snyk.io/scan-with-snyk/snyk-code",
    setup=_SETUP,
    formats=(
        Format(
            name="snyk-code-sarif",
            container="json",
            detect=JsonShape(
                root="object",
                has=("runs",),
                match={"runs[].tool.driver.name": r"(?i)^Snyk ?Code"},
                weight=7,
            ),
            scans=read,
        ),
        Format(
            name="snyk-code-sarif-list",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", match={"[].runs[].tool.driver.name": r"(?i)^Snyk ?Code"}, weight=7),
            scans=_read_all,
        ),
        Format(
            name="snyk-code-dependencies",
            container="json",
            detect=JsonShape(
                has=("[].vulnerabilities", "[].ok"), any_of=("[].packageManager", "[].dependencyCount"), weight=-3
            ),
            maps=(Group(each="[]", maps=OF_PROJECT),),
        ),
    ),
)
