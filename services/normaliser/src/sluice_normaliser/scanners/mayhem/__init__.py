"""Mayhem: fuzzes programs (Code) and web APIs; it writes SARIF."""

import re
from collections.abc import Iterator
from typing import Any

from sluice_normaliser.kit import Format, JsonShape, ParsedScan, Reading, ScannerSpec, construct
from sluice_normaliser.scanners.sarif.log import read
from sluice_shared.contracts.finding import Kind, UrlLocation

_SETUP = """
```sh
mapi run shop 1min openapi.yaml --url https://shop.acme.io --sarif mapi.sarif
sluice push mapi.sarif --asset service:shop
mayhem wait shop/api --sarif mayhem.sarif ; sluice push mayhem.sarif --asset repo:github.com/acme/shop
```
What Mayhem for API finds is placed at the endpoint that its message names; the file of the specification stands beside
it.
"""
_ENDPOINT = re.compile(r" in '(?P<method>[A-Z]+) (?P<path>[^'\s]+)'")


def _endpoints(document: Any, reading: Reading) -> Iterator[ParsedScan]:
    """Yield the scans with the endpoints of their messages as places: ``… in 'GET /info'``."""
    for scan in read(document, reading):
        for each in scan.observations:
            match = _ENDPOINT.search(each.message or "")
            if match:
                if each.location is not None:
                    each.related_locations = [each.location, *each.related_locations]
                each.location = construct(UrlLocation, {"url": match["path"], "method": match["method"]})
        yield scan


SPEC = ScannerSpec(
    name="mayhem",
    title="Mayhem",
    kinds=(Kind.SAST, Kind.API),
    aliases=("mayhem_api", "mayhem_for_api", "mapi", "mayhem_code"),
    homepage="https://docs.mayhem.security",
    setup=_SETUP,
    formats=(
        Format(
            name="mayhem-api-sarif",
            container="json",
            detect=JsonShape(
                root="object",
                has=("runs",),
                match={"runs[].tool.driver.name": r"(?i)^(mapi|mayhem for api)\b"},
                weight=7,
            ),
            scans=_endpoints,
        ),
        Format(
            name="mayhem-code-sarif",
            container="json",
            detect=JsonShape(
                root="object",
                has=("runs",),
                match={"runs[].tool.driver.name": r"(?i)^mayhem(?! for api)\b"},
                weight=7,
            ),
            scans=read,
        ),
    ),
)
