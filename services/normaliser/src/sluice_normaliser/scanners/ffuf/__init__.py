"""ffuf: finds paths of a web server by guessing."""

from sluice_normaliser.kit import CsvShape, Format, JsonShape, Map, ScanMap, ScannerSpec, const, template, url
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
ffuf -u https://shop.acme.example/FUZZ -w words.txt -of json -o ffuf.json
sluice push ffuf.json --asset service:shop
```
`-of csv` does, too. Paths that answer are listed as informational.
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
        Format(
            name="ffuf-csv",
            container="csv",
            detect=CsvShape(columns=("url", "redirectlocation", "position", "status_code", "content_length")),
            maps=(
                Map(
                    kind=Kind.DAST,
                    rule_id=const("discovered-path"),
                    title=template("{url} answers with {status_code}"),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=url(url="url", status_code="status_code"),
                    evidence={"redirect": "redirectlocation", "input": "FUZZ"},
                ),
            ),
        ),
    ),
)
