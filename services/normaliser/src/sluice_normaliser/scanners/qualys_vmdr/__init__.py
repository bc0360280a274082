"""Qualys VMDR: vulnerabilities on machines, as the VMDR application exports them."""

from sluice_normaliser.kit import CsvShape, Format, ScannerSpec, TextShape
from sluice_normaliser.scanners.qualys_vmdr.maps import MAP
from sluice_normaliser.scanners.qualys_vmdr.quoted import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
In VMDR, Vulnerabilities: list the detections by *Vulnerability* (QID) or by *CVE*, then Download, format CSV.
```sh
sluice push vmdr.csv --asset host:fleet --scanner qualys_vmdr
```
Each row names its machine, which becomes the asset of the result. Rows that are disabled or ignored count as
suppressed, those with status FIXED as fixed.
"""
_SHARED = ("QID", "Title")
_ANY = ("Asset Name", "Asset IPV4", "Asset IPV6", "Asset Id", "KB Severity", "Detection AGE", "Vuln Patchable")

SPEC = ScannerSpec(
    name="qualys_vmdr",
    title="Qualys VMDR",
    kinds=(Kind.HOST,),
    homepage="https://www.qualys.com/apps/vulnerability-management-detection-response/",
    setup=_SETUP,
    formats=(
        Format(
            name="qualys-vmdr-csv-cve",
            container="csv",
            detect=CsvShape(columns=(*_SHARED, "CVE"), any_of=_ANY, weight=3),
            maps=(MAP,),
        ),
        Format(
            name="qualys-vmdr-csv-qid",
            container="csv",
            detect=CsvShape(columns=_SHARED, any_of=_ANY, lacks=("CVE",), weight=3),
            maps=(MAP,),
        ),
        Format(
            name="qualys-vmdr-csv-quoted",
            container="text",
            detect=TextShape(patterns=(r'^"(?:QID|CVE),""', r',""Asset ')),
            parse=read,
        ),
    ),
)
