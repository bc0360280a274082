"""ffuf: finds paths of a web server by guessing."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, JsonShape, Map, ScanMap, ScannerSpec, call, const, template, url
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
ffuf -u https://shop.acme.example/FUZZ -w words.txt -of json -o ffuf.json
sluice push ffuf.json --asset service:shop
```
`-of csv` and the lines that `-json` prints do, too. Paths that answer are listed as informational.
"""


def _input(words_used: Any) -> str | None:
    """Return what was tried, whatever its keyword is; the hash is ffuf's own."""
    tried = [text(value) for name, value in obj(words_used).items() if name != "FFUFHASH"]
    return ", ".join(filter(None, tried)) or None


def _result(path: str, method: str) -> Map:
    return Map(
        each=path,
        kind=Kind.DAST,
        rule_id=const("discovered-path"),
        title=template("{url} answers with {status}"),
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=url(url="url", method=method, status_code="status"),
        evidence={"redirect": "redirectlocation", "input": call(_input, "input")},
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
