"""dirsearch: finds paths of a web server by guessing."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, const, template, url
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
dirsearch -u https://shop.acme.example --format=json -o dirsearch.json
sluice push dirsearch.json --asset service:shop
```
Paths that answer are listed as informational.
"""

SPEC = ScannerSpec(
    name="dirsearch",
    title="dirsearch",
    kinds=(Kind.DAST,),
    homepage="https://github.com/maurosoria/dirsearch",
    setup=_SETUP,
    formats=(
        Format(
            name="dirsearch-json",
            container="json",
            detect=JsonShape(root="object", has=("info.args", "info.time", "results"), only=("info", "results")),
            scan=ScanMap(scanned_at="info.time"),
            maps=(
                Map(
                    each="results[]",
                    kind=Kind.DAST,
                    rule_id=const("discovered-path"),
                    title=template("{url} answers with {status}"),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=url(url="url", method="method", status_code="status"),
                    evidence={"redirect": "redirect"},
                ),
            ),
        ),
    ),
)
