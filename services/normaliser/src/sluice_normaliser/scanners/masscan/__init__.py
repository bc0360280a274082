"""masscan: finds open ports, fast."""

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    TextShape,
    XmlShape,
    host,
    join,
    status,
    template,
)
from sluice_normaliser.scanners.masscan.lines import FIRST, read
from sluice_shared.contracts.finding import Kind, ObservationStatus, Severity

_SETUP = """
```sh
masscan 192.0.2.0/24 -p1-65535 -oJ masscan.json
sluice push masscan.json --asset network:office --scanner masscan
```
`-oX`, `-oL`, `-oG` and `-oD` do, too. Open ports are listed as informational. A run that found none writes an empty
file, so name the scanner.
"""

_STATUS = {"open": ObservationStatus.INFORMATIONAL, "closed": ObservationStatus.PASSED}

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
            detect=JsonShape(
                root="array",
                has=("[].ports[].port",),
                any_of=("[].ports[].proto", "[].ports[].ttl"),
                lacks=("[].url", "[].hostname", "[].ports[].service.product"),
                weight=1,
            ),
            maps=(
                Map(
                    each="[].ports[]",
                    kind=Kind.HOST,
                    rule_id=join("proto", "port", sep="/"),
                    title=template("Open port {port}/{proto}"),
                    severity=Severity.INFO,
                    status=status(
                        "status",
                        _STATUS,
                        default=ObservationStatus.INFORMATIONAL,
                    ),
                    location=host(host="^.ip", ip="^.ip", port="port", protocol="proto", service="service.name"),
                    evidence={"banner": "service.banner"},
                    last_detected_at="^.timestamp",
                ),
            ),
        ),
        Format(
            name="masscan-ndjson",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].rec_type", "[].port"), any_of=("[].proto", "[].data")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.HOST,
                    rule_id=join("proto", "port", sep="/"),
                    title=template("Open port {port}/{proto}"),
                    severity=Severity.INFO,
                    status=status("data.status", _STATUS, default=ObservationStatus.INFORMATIONAL),
                    location=host(host="ip", ip="ip", port="port", protocol="proto", service="data.service_name"),
                    evidence={"banner": "data.banner"},
                    last_detected_at="timestamp",
                ),
            ),
        ),
        Format(
            name="masscan-xml",
            container="xml",
            detect=XmlShape(root="nmaprun", match={"@scanner": "^masscan$"}, weight=6),
            scan=ScanMap(version="@version", scanned_at="@start"),
            maps=(
                Map(
                    each="host[].ports.port[]",
                    kind=Kind.HOST,
                    rule_id=join("@protocol", "@portid", sep="/"),
                    title=template("Open port {@portid}/{@protocol}"),
                    severity=Severity.INFO,
                    status=status("state.@state", _STATUS, default=ObservationStatus.INFORMATIONAL),
                    location=host(
                        host="^.address.@addr",
                        ip="^.address.@addr",
                        port="@portid",
                        protocol="@protocol",
                        service="service.@name",
                    ),
                    evidence={"banner": "service.@banner"},
                    last_detected_at="^.@endtime",
                ),
            ),
        ),
        Format(
            name="masscan-lines",
            container="text",
            detect=TextShape(patterns=(FIRST,)),
            parse=read,
        ),
    ),
)
