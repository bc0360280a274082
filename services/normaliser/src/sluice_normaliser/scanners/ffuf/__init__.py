"""ffuf: finds paths of a web server by guessing."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, const, template, url
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
ffuf -u https://shop.acme.example/FUZZ -w words.txt -of json -o ffuf.json
sluice push ffuf.json --asset service:shop
```
Paths that answer are listed as informational.
"""

SPEC = ScannerSpec(
    name="ffuf",
    title="ffuf",
    kinds=(Kind.DAST,),
    homepage="https://github.com/ffuf/ffuf",
    setup=_SETUP,
    formats=(
        Format(
            name="ffuf-json",
            container="json",
            detect=JsonShape(root="object", has=("commandline", "time", "results", "config")),
            scan=ScanMap(scanned_at="time"),
            maps=(
                Map(
                    each="results[]",
                    kind=Kind.DAST,
                    rule_id=const("discovered-path"),
                    title=template("{url} answers with {status}"),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=url(url="url", method="$.config.method", status_code="status"),
                    evidence={"redirect": "redirectlocation", "input": "input.FUZZ"},
                ),
            ),
        ),
    ),
)
