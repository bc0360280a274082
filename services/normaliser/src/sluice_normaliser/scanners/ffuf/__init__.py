"""ffuf: finds paths of a web server by guessing."""

from sluice_normaliser.kit import CsvShape, Format, JsonShape, Map, ScanMap, ScannerSpec, const, template, url
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
ffuf -u https://shop.acme.example/FUZZ -w words.txt -of json -o ffuf.json
sluice push ffuf.json --asset service:shop
```
`-of csv` and the lines that `-json` prints do, too. Paths that answer are listed as informational.
"""


def _result(path: str, method: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=const("discovered-path"),
        title=template("{url} answers with {status}"),
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=url(url="url", method=method, status_code="status"),
        evidence={"redirect": "redirectlocation", "input": "input.FUZZ"},
    )


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
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=("commandline", "results[].redirectlocation", "config.inputproviders"),
            ),
            scan=ScanMap(scanned_at="time"),
            maps=(_result("results[]", "$.config.method"),),
        ),
        Format(
            name="ffuf-jsonl",
            container=("jsonl", "json"),
            detect=JsonShape(has=("[].input", "[].url", "[].status"), any_of=("[].redirectlocation", "[].position")),
            maps=(_result("[]", "method"),),
        ),
        Format(
            name="ffuf-csv",
            container="csv",
            detect=CsvShape(columns=("url", "status_code"), any_of=("redirectlocation", "position")),
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
