"""Qualys Vulnerability Management: host-based and PCI reports, and the list of detections of the API."""

from sluice_normaliser.kit import CsvShape, Format, ScanMap, ScannerSpec, XmlShape, call, template
from sluice_normaliser.scanners.qualys.assets import read as read_assets
from sluice_normaliser.scanners.qualys.maps import DETECTION, DETECTION_ROW, PCI_ROW, ROW
from sluice_normaliser.scanners.qualys_infrascan_webgui.maps import MAPS as OF_SCAN
from sluice_normaliser.scanners.qualys_infrascan_webgui.maps import finished, header
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
            scan=ScanMap(
                scanned_at="RESPONSE.DATETIME",
                refuse="RESPONSE.CODE",
                complete=call(lambda warned: not warned, "RESPONSE.WARNING"),
            ),
            maps=(DETECTION,),
        ),
        Format(
            name="qualys-scan-xml-named",  # without a name it is of qualys_infrascan_webgui
            container="xml",
            detect=XmlShape(root="SCAN", any_of=("HEADER.KEY", "IP", "ERROR"), weight=-1),
            records="IP",
            scan=ScanMap(scanned_at=call(header("DATE"), "HEADER"), failure=call(finished, "HEADER", "ERROR")),
            maps=OF_SCAN,
        ),
        Format(
            name="qualys-detections-csv",
            container="csv",
            detect=CsvShape(
                columns=("Host ID", "QID"),
                any_of=("Last Found Datetime", "First Found Datetime", "Last Found", "Status"),
                weight=1,
            ),
            maps=(DETECTION_ROW,),
        ),
        Format(
            name="qualys-refused",
            container="xml",
            detect=XmlShape(root="SIMPLE_RETURN", has=("RESPONSE.TEXT",)),
            scan=ScanMap(refuse=template("{RESPONSE.CODE} {RESPONSE.TEXT}")),
            maps=(DETECTION,),
        ),
        Format(
            name="qualys-csv",
            container="csv",
            detect=CsvShape(
                columns=("QID", "Title"),
                any_of=("IP", "Type", "Vuln Status", "Severity", "Results", "Threat"),
                lacks=("Asset Id", "Type Detected", "KB Severity"),
                weight=1,
            ),
            maps=(ROW,),
        ),
        Format(
            name="qualys-pci-csv",
            container="csv",
            detect=CsvShape(
                columns=("VULN TITLE",), any_of=("QID", "IS_PCI", "Q_SEVERITY", "FALSE POSITIVE STATUS"), weight=2
            ),
            maps=(PCI_ROW,),
        ),
    ),
)
