"""naabu: finds open ports."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, host, join, template
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
naabu -host shop.acme.example -json -o naabu.jsonl
sluice push naabu.jsonl --asset host:web-1
```
Open ports are listed as informational.
"""

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
            maps=(
                Map(
                    each="[]",
                    kind=Kind.HOST,
                    rule_id=join("protocol", "port", sep="/"),
                    title=template("Open port {port}/{protocol}"),
                    severity=Severity.INFO,
                    status=ObservationStatus.INFORMATIONAL,
                    location=host(host="host | ip", ip="ip", port="port", protocol="protocol"),
                    last_detected_at="timestamp",
                ),
            ),
        ),
    ),
)
