"""SSLyze: protocols, ciphers, certificates and known flaws of TLS services."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.sslyze.server import observations, unreachable
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
sslyze --json_out=sslyze.json shop.acme.io:443
sluice push sslyze.json --asset host:shop.acme.io
```
Every check is kept; those that found nothing count as passed. SSLyze grades nothing, so the severity is unknown.
"""

SPEC = ScannerSpec(
    name="sslyze",
    title="SSLyze",
    kinds=(Kind.HOST,),
    homepage="https://github.com/nabla-c0d3/sslyze",
    setup=_SETUP,
    differences={"*": "one observation for each check of a server, passed ones included"},
    formats=(
        Format(
            name="sslyze-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("server_scan_results", "server_connectivity_errors", "sslyze_version"),
                weight=2,
            ),
            scan=ScanMap(version="sslyze_version", scanned_at="date_scans_completed", failure=call(unreachable, "$")),
            parse=observations,
        ),
    ),
)
