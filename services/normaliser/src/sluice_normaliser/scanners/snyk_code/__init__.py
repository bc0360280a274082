"""Snyk Code: finds security problems in source code; it writes SARIF."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners.sarif.log import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
snyk code test --json-file-output=snyk-code.json
sluice push snyk-code.json --asset repo:github.com/acme/shop
```
`--sarif-file-output` writes the same. Snyk ends with status 1 when it found something; that is no failure.
"""

SPEC = ScannerSpec(
    name="snyk_code",
    title="Snyk Code",
    kinds=(Kind.SAST, Kind.SECRET),
    homepage="https://docs.snyk.io/scan-with-snyk/snyk-code",
    setup=_SETUP,
    formats=(
        Format(
            name="snyk-code-sarif",
            container="json",
            detect=JsonShape(
                root="object",
                has=("runs",),
                match={"runs[].tool.driver.name": r"(?i)^Snyk ?Code"},
                weight=7,
            ),
            scans=read,
        ),
    ),
)
