"""Qualys infrastructure scans, as the web interface exports them: the XML of one scan."""

from sluice_normaliser.kit import Format, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.scanners.qualys_infrascan_webgui.maps import MAPS, finished, header
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Scans › (scan) › Download*, format XML; or `scan_report.php?ref=scan/…` of the old API:
```sh
sluice push scan.xml --asset host:fleet --scanner qualys_infrascan_webgui
```
Each machine is an asset of its own. Potential vulnerabilities are open with low confidence; services and gathered
information are informational.
"""

SPEC = ScannerSpec(
    name="qualys_infrascan_webgui",
    scanner="qualys",
    title="Qualys infrastructure scan",
    kinds=(Kind.HOST,),
    homepage="https://docs.qualys.com/en/vm/latest/",
    setup=_SETUP,
    formats=(
        Format(
            name="qualys-scan-xml",
            container="xml",
            detect=XmlShape(root="SCAN", has=("@value",), any_of=("HEADER.KEY", "IP", "ERROR")),
            records="IP",
            scan=ScanMap(scanned_at=call(header("DATE"), "HEADER"), failure=call(finished, "HEADER", "ERROR")),
            maps=MAPS,
        ),
    ),
)
