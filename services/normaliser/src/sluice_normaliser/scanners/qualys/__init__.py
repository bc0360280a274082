"""Qualys Vulnerability Management: host-based and PCI reports, and the list of detections of the API."""

from sluice_normaliser.kit import CsvShape, Format, ScanMap, ScannerSpec, XmlShape
from sluice_normaliser.scanners.qualys.assets import read as read_assets
from sluice_normaliser.scanners.qualys.maps import DETECTION, PCI_ROW, ROW
from sluice_shared.contracts.finding import Kind

_SETUP = """
In Vulnerability Management, Reports › New › Scan Report with a host-based template, format XML or CSV; or by API:
```sh
curl -u USER -H "X-Requested-With: curl" \\
  "https://qualysapi.qualys.com/api/2.0/fo/asset/host/vm/detection/?action=list&show_results=1" -o detections.xml
sluice push detections.xml --asset host:fleet --scanner qualys
```
Each machine is an asset of its own. Gathered information counts as informational, what is fixed as fixed. The PCI
report of Sectigo's HackerGuardian, which Qualys makes, is the same CSV and read as such.
"""

SPEC = ScannerSpec(
    name="qualys",
    title="Qualys Vulnerability Management",
    kinds=(Kind.HOST,),
    aliases=("qualys_vm", "qualysguard", "qualys_hacker_guardian", "hackerguardian"),
    homepage="https://docs.qualys.com/en/vm/latest/",
    setup=_SETUP,
    differences={"one_finding.csv": "one observation for each row; the reference merges the same result at two ports"},
    formats=(
        Format(
            name="qualys-asset-data",
            container="xml",
            detect=XmlShape(root="ASSET_DATA_REPORT"),
            scan=ScanMap(scanned_at="HEADER.GENERATION_DATETIME"),
            parse=read_assets,
        ),
        Format(
            name="qualys-detections",
            container="xml",
            detect=XmlShape(root="HOST_LIST_VM_DETECTION_OUTPUT"),
            records="RESPONSE.HOST_LIST.HOST",
            scan=ScanMap(scanned_at="RESPONSE.DATETIME", refuse="RESPONSE.CODE"),
            maps=(DETECTION,),
        ),
        Format(
            name="qualys-csv",
            container="csv",
            detect=CsvShape(
                columns=("IP", "QID", "Title", "Severity", "Port", "Protocol", "Type"), any_of=("DNS", "OS")
            ),
            maps=(ROW,),
        ),
        Format(
            name="qualys-pci-csv",
            container="csv",
            detect=CsvShape(columns=("QID", "VULN TITLE"), any_of=("Q_SEVERITY", "IS_PCI"), weight=2),
            maps=(PCI_ROW,),
        ),
    ),
)
