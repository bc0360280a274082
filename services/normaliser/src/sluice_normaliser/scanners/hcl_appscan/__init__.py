"""HCL (once IBM) AppScan: the XML reports of Standard and Enterprise, and of AppScan on Cloud."""

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape, timestamp
from sluice_normaliser.scanners.hcl_appscan import cloud, report
from sluice_shared.contracts.finding import Kind

_SETUP = """
In AppScan Standard, *File › Export › Scan results as XML*; or `AppScanCMD report /rt xml /rf report.xml /b scan.scan`.
In AppScan on Cloud, *Reports › Security report › XML* of an application or a scan.
```sh
sluice push report.xml --asset url:https://shop.acme.io
```
"""

SPEC = ScannerSpec(
    name="hcl_appscan",
    title="HCL AppScan",
    kinds=(Kind.DAST, Kind.SAST, Kind.SCA, Kind.IAC),
    aliases=("appscan", "hcl_appscan_dast", "ibm_app", "ibm_appscan", "hcl_asoc_sast", "hcl_asoc"),
    homepage="https://www.hcl-software.com/appscan",
    setup=_SETUP,
    differences={
        "testfire.xml": "one observation for each of the 115 issues; the reference merges those of one issue type"
    },
    formats=(
        Format(
            name="appscan-xml",
            container="xml",
            detect=XmlShape(
                root="xml-report",
                any_of=(
                    "@xmlExportVersion",
                    "@technology",
                    "scan-information",
                    "issue-group",
                    "advisory-group",
                    "layout",
                ),
                lacks=("@AsocXmlExportVersion",),
            ),
            scan=ScanMap(
                name="scan-information.product-name",
                version="scan-information.product-version",
                scanned_at="scan-information.scan-date-and-time-iso | scan-information.scan-date-and-time",
            ),
            parse=report.observations,
        ),
        Format(
            name="appscan-cloud-xml",
            container="xml",
            detect=XmlShape(
                root="xml-report",
                any_of=("@AsocXmlExportVersion", "issue-group.item.asoc-issue-id", "issue-group.item.issue-type-name"),
                weight=2,
            ),
            scan=ScanMap(scanned_at=timestamp("layout.report-date", "%A, %B %d, %Y")),
            parse=cloud.observations,
        ),
    ),
)
