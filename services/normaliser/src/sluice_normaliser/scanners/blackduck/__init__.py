"""Black Duck: known vulnerabilities of the components of a project version."""

from sluice_normaliser.kit import CsvShape, Format, ScannerSpec, ZipShape
from sluice_normaliser.scanners.blackduck.rows import ROW, read
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Project version → Reports → Create → Version details report*, CSV, with *Vulnerabilities* (and *Source*, for paths):
```sh
sluice push shop-1.4.zip --asset repo:github.com/acme/shop
```
The whole ZIP, or the security CSV alone. What was ignored, mitigated or patched there counts as suppressed or fixed.
"""

SPEC = ScannerSpec(
    name="blackduck",
    title="Black Duck",
    kinds=(Kind.SCA,),
    aliases=("black-duck", "black-duck-hub", "blackduck-hub"),
    homepage="https://www.blackduck.com",
    setup=_SETUP,
    formats=(
        Format(
            name="blackduck-security-csv",
            container="csv",
            detect=CsvShape(columns=("Component id", "Vulnerability id", "Remediation status", "Vulnerability source")),
            maps=(ROW,),
        ),
        Format(
            name="blackduck-report-zip",
            container="zip",
            detect=ZipShape(members=("*security*.csv",)),
            parse=read,
        ),
    ),
)
