"""HCL AppScan Standard and Enterprise: finds problems in running web applications; the XML report."""

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape
from sluice_normaliser.scanners.hcl_appscan.report import observations
from sluice_shared.contracts.finding import Kind

_SETUP = """
In AppScan Standard, *File › Export › Scan results as XML*; or `AppScanCMD report /rt xml /rf report.xml /b scan.scan`.
```sh
sluice push report.xml --asset url:https://shop.acme.io
```
"""

SPEC = ScannerSpec(
    name="hcl_appscan",
    title="HCL AppScan",
    kinds=(Kind.DAST, Kind.SAST),
    aliases=("appscan", "hcl_appscan_dast"),
    homepage="https://www.hcl-software.com/appscan",
    setup=_SETUP,
    formats=(
        Format(
            name="appscan-xml",
            container="xml",
            detect=XmlShape(root="xml-report", has=("@xmlExportVersion",), match={"@name": "AppScan"}),
            scan=ScanMap(
                name="scan-information.product-name",
                version="scan-information.product-version",
                scanned_at="scan-information.scan-date-and-time-iso | scan-information.scan-date-and-time",
            ),
            parse=observations,
        ),
    ),
)
