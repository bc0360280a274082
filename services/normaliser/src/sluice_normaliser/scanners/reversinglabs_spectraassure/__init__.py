"""ReversingLabs Spectra Assure: vulnerabilities, malware and weak hardening in built software."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.reversinglabs_spectraassure.report import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
rl-secure report rl-json pkg:rl/acme/shop@1.4.0 --output-path reports
sluice push reports/report.rl.json --asset artifact:shop
```
Every vulnerability of every component is told at each file that holds the component. Violations of a policy stand
beside them; those that the level of the scan does not enforce are information.
"""

SPEC = ScannerSpec(
    name="reversinglabs_spectraassure",
    title="ReversingLabs Spectra Assure",
    kinds=(Kind.SCA, Kind.QUALITY, Kind.MALWARE, Kind.SECRET, Kind.LICENCE, Kind.OTHER),
    aliases=("spectra-assure", "rl-secure", "reversinglabs"),
    homepage="https://docs.secure.software",
    setup=_SETUP,
    formats=(
        Format(
            name="reversinglabs-rl-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("report.metadata",),
                any_of=("report.metadata.violations", "report.metadata.components", "report.metadata.vulnerabilities"),
                weight=2,
            ),
            scan=ScanMap(version="version", scanned_at="timestamp"),
            parse=read,
        ),
    ),
)
