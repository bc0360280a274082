"""Wiz CLI, scans of infrastructure as code: misconfigurations and secrets."""

from sluice_normaliser.kit import ScannerSpec
from sluice_normaliser.scanners._wizcli import formats
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
wizcli iac scan --path . --output wiz.json,json
sluice push wiz.json --asset repo:github.com/acme/shop
```
Wiz CLI ends with a status other than 0 when a policy failed; that is no failure. What a policy ignores is kept, as
suppressed.
"""

SPEC = ScannerSpec(
    name="wizcli_iac",
    title="Wiz CLI (infrastructure as code)",
    kinds=(Kind.IAC, Kind.SECRET),
    homepage="https://www.wiz.io",
    setup=_SETUP,
    formats=formats("wizcli-iac", "^CICDScanOriginI[Aa][Cc]", "result.ruleMatches[]"),
)
