"""naabu: finds open ports."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, JsonShape, Map, ScannerSpec, host, join, template
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
naabu -host shop.acme.example -json -o naabu.jsonl
sluice push naabu.jsonl --asset host:web-1
```
`-csv` does, too. Open ports are listed as informational.
"""


def _port(**more: Any) -> Map:
    """Return the map of a port; a row of the CSV has the fields of the JSON."""
    return Map(
        kind=Kind.HOST,
        rule_id=join("protocol", "port", sep="/"),
        title=template("Open port {port}/{protocol}"),
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=host(host="host | ip", ip="ip", port="port", protocol="protocol"),
        last_detected_at="timestamp",
        **more,
    )


SPEC = ScannerSpec(
    name="naabu",
    title="naabu",
    kinds=(Kind.HOST,),
    homepage="https://github.com/projectdiscovery/naabu",
    setup=_SETUP,
    differences={"naabu_many_vuln.json": "one per record; the reference merges equal ports"},
    formats=(
        Format(
            name="naabu-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].ip", "[].port", "[].protocol", "[].tls"), lacks=("[].url", "[].template-id")),
            maps=(_port(each="[]"),),
        ),
        Format(
            name="naabu-csv",
            container="csv",
            detect=CsvShape(columns=("host", "ip", "port", "protocol", "tls")),
            maps=(_port(),),
        ),
    ),
)
