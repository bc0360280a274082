"""Wiz CLI, scans of directories: vulnerable libraries and secrets in a checkout."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners._wizcli import MAPS, scan
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
wizcli dir scan --path . --output wiz.json,json
sluice push wiz.json --asset repo:github.com/acme/shop
```
Wiz CLI ends with a status other than 0 when a policy failed; that is no failure. What a policy ignores is kept, as
suppressed.
"""

SPEC = ScannerSpec(
    name="wizcli_dir",
    title="Wiz CLI (directories)",
    kinds=(Kind.SCA, Kind.SECRET),
    homepage="https://www.wiz.io",
    setup=_SETUP,
    formats=(
        Format(
            name="wizcli-dir-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("scanOriginResource", "status.verdict", "result"),
                match={"scanOriginResource.__typename": "^CICDScanOriginDirectory"},
            ),
            scan=scan(),
            maps=MAPS,
        ),
    ),
)
