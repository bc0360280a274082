"""masscan: finds open ports, fast."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, host, join, status, template
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
masscan 192.0.2.0/24 -p1-65535 -oJ masscan.json
sluice push masscan.json --asset network:office --scanner masscan
```
Open ports are listed as informational. A run that found none writes an empty file, so name the scanner.
"""

SPEC = ScannerSpec(
    name="masscan",
    title="masscan",
    kinds=(Kind.HOST,),
    homepage="https://github.com/robertdavidgraham/masscan",
    setup=_SETUP,
    trivial={"[]": CLEAN, "": CLEAN},
    formats=(
        Format(
            name="masscan-json",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].ip", "[].ports[].port", "[].ports[].proto"), lacks=("[].url",)),
            maps=(
                Map(
                    each="[].ports[]",
                    kind=Kind.HOST,
                    rule_id=join("proto", "port", sep="/"),
                    title=template("Open port {port}/{proto}"),
                    severity=Severity.INFO,
                    status=status(
                        "status",
                        {"open": ObservationStatus.INFORMATIONAL, "closed": ObservationStatus.PASSED},
                        default=ObservationStatus.INFORMATIONAL,
                    ),
                    location=host(host="^.ip", ip="^.ip", port="port", protocol="proto", service="service.name"),
                    evidence={"banner": "service.banner"},
                    last_detected_at="^.timestamp",
                ),
            ),
        ),
    ),
)
