"""Qualys SSL Labs: grades the TLS of servers in the internet."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.ssl_labs.endpoint import read, unfinished
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
ssllabs-scan --grade=false shop.acme.example > ssllabs.json
sluice push ssllabs.json --asset host:shop.acme.example
```
or the answer of the API's `analyze?all=done`. Each endpoint is an observation with its grade, and with the flaws that
it has: their CVEs are its identifiers. An endpoint graded A is information.
"""

SPEC = ScannerSpec(
    name="ssl_labs",
    title="SSL Labs",
    kinds=(Kind.HOST,),
    aliases=("ssllabs", "ssllabs-scan"),
    homepage="https://www.ssllabs.com",
    setup=_SETUP,
    formats=(
        Format(
            name="ssl-labs-hosts",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].host",),
                any_of=("[].engineVersion", "[].criteriaVersion", "[].endpoints[].gradeTrustIgnored"),
                weight=2,
            ),
            scan=ScanMap(
                version="[0].engineVersion", scanned_at="[0].testTime | [0].startTime", failure=call(unfinished, ".")
            ),
            parse=read,
        ),
        Format(
            name="ssl-labs-host",
            container="json",
            detect=JsonShape(
                root="object",
                has=("host",),
                any_of=("engineVersion", "criteriaVersion", "endpoints[].gradeTrustIgnored"),
                weight=2,
            ),
            scan=ScanMap(version="engineVersion", scanned_at="testTime | startTime", failure=call(unfinished, ".")),
            parse=read,
        ),
    ),
)
