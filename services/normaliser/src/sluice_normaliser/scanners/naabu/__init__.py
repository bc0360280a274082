"""naabu: finds open ports."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    CsvShape,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    first,
    host,
    join,
    template,
    when,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
naabu -host shop.acme.example -json -o naabu.jsonl
sluice push naabu.jsonl --asset host:web-1
```
`-csv` does, too. Open ports are listed as informational. A run that found none writes an empty file, so name
the scanner.
"""


_PORT = "port.Port | port"
"""The number, which version 2.1 wrote as ``{"Port": 443, "TLS": true}``."""


def _port(**more: Any) -> Map:
    """Return the map of a port; a row of the CSV has the fields of the JSON."""
    return Map(
        kind=Kind.HOST,
        rule_id=join("protocol", _PORT, sep="/"),
        title=first(
            when("protocol", template("Open port {port.Port|port}/{protocol}")), template("Open port {port.Port|port}")
        ),
        severity=Severity.INFO,
        status=ObservationStatus.INFORMATIONAL,
        location=host(host="host | ip", ip="ip", port=_PORT, protocol="protocol"),
        last_detected_at="timestamp",
        ignore=("port",),
        **more,
    )


SPEC = ScannerSpec(
    name="naabu",
    title="naabu",
    kinds=(Kind.HOST,),
    homepage="https://github.com/projectdiscovery/naabu",
    setup=_SETUP,
    trivial={"": CLEAN},
    differences={"naabu_many_vuln.json": "one per record; the reference merges equal ports"},
    formats=(
        Format(
            name="naabu-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].port",),
                any_of=("[].tls", "[].protocol", "[].cdn-name", "[].port.TLS", "[].timestamp", "[].host"),
                lacks=("[].url", "[].template-id", "[].data", "[].input", "[].severity", "[].module_name", "[].target"),
                match={"[].ip": r"^(?=.*[.:])[\da-fA-F.:]+$"},
            ),
            maps=(_port(each="[]"),),
        ),
        Format(
            name="naabu-csv",
            container="csv",
            detect=CsvShape(columns=("ip", "port"), any_of=("tls", "cdn-name", "protocol"), lacks=("severity", "name")),
            maps=(_port(),),
        ),
    ),
)
