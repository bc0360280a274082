"""Wiz CLI, scans of images: vulnerable packages and secrets in containers and virtual machines."""

from sluice_normaliser.kit import ScannerSpec
from sluice_normaliser.scanners._wizcli import formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
wizcli docker scan --image registry.acme.io/shop:1.4 --output wiz.json,json
sluice push wiz.json --asset image:registry.acme.io/shop
```
Wiz CLI ends with a status other than 0 when a policy failed; that is no failure. What a policy ignores is kept, as
suppressed.
"""

SPEC = ScannerSpec(
    name="wizcli_img",
    title="Wiz CLI (images)",
    kinds=(Kind.CONTAINER, Kind.SCA, Kind.SECRET),
    homepage="https://www.wiz.io",
    setup=_SETUP,
    formats=formats("wizcli-img", "^CICDScanOrigin(Container|Virtual)", "result.osPackages[]"),
)
