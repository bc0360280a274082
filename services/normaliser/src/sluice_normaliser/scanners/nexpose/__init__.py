"""Nexpose and InsightVM: tests the machines of a network for vulnerabilities."""

from sluice_normaliser.kit import CsvShape, Format, ScanMap, ScannerSpec, XmlShape, call, timestamp
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.kit.shapes import obj
from sluice_normaliser.scanners.nexpose.nodes import read, read_simple
from sluice_normaliser.scanners.nexpose.rows import ROWS
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Reports → Create a report → Export → XML Export 2.0*, for a site or a scan:
```sh
sluice push nexpose.xml --asset host:db1.acme.io
```
The CSV *Basic Vulnerability Check Results*, with whatever columns it was made, does, too.
In a report of several machines
each of them is an asset of its own. Tests that found nothing are counted.
"""
_TIME = "%Y%m%dT%H%M%S%f"


def _ended(scans: object) -> bool:
    listed = scans if isinstance(scans, list) else [scans]
    return all((text(obj(scan).get("@status")) or "finished").lower() == "finished" for scan in listed)


SPEC = ScannerSpec(
    name="nexpose",
    title="Nexpose",
    kinds=(Kind.HOST,),
    aliases=("insightvm", "rapid7"),
    homepage="https://www.rapid7.com/products/insightvm/",
    setup=_SETUP,
    counts_passed=True,
    misses={
        "hosts: 192.168.1.3[57]": "a machine on which every test came out clean has no result to observe",
    },
    formats=(
        Format(
            name="nexpose-xml",
            container="xml",
            detect=XmlShape(root="(?i)NexposeReport"),
            scan=ScanMap(
                scanned_at=timestamp("scans.scan[-1].@endTime | scans.scan[-1].@startTime", _TIME),
                complete=call(_ended, "scans.scan"),
            ),
            parse=read,
        ),
        Format(
            name="nexpose-simple-xml",
            container="xml",
            detect=XmlShape(root="(?i)NeXposeSimpleXML"),
            scan=ScanMap(scanned_at=timestamp("generated", _TIME)),
            parse=read_simple,
        ),
        Format(
            name="nexpose-csv",
            container="csv",
            detect=CsvShape(
                columns=("Vulnerability ID",),
                any_of=("Vulnerability Test Result Code", "Asset IP Address", "Vulnerability Severity Level"),
                weight=1,
            ),
            maps=(ROWS,),
        ),
    ),
)
