"""OpenVAS and Greenbone: network scans of hosts."""

from sluice_normaliser.kit import CsvShape, Format, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.scanners.openvas.maps import RESULT, ROWS, was_stopped
from sluice_shared.contracts.finding import Kind

_SETUP = """
Greenbone → Scans → Reports → download as *XML* or *CSV Results*, or with gvm-tools:
```sh
REPORT="<get_reports report_id='$ID' details='1' ignore_pagination='1' filter='levels=hmlg rows=-1'/>"
gvm-cli tls --hostname gvm.acme.io --xml "$REPORT" > openvas.xml
sluice push openvas.xml --asset host:10.0.0.8 --scanner openvas
```
An alert of the task (*HTTP Get*, *SCP*, *Send to host*) can start the push. Every host is an asset of its own, by its
name where it has one. `Log` results are kept as informational.
"""


def _scan(at: str) -> ScanMap:
    """Return what a report at a path says about its scan."""
    return ScanMap(scanned_at=f"{at}scan_end | {at}scan_start", failure=call(was_stopped, f"{at}scan_run_status"))


SPEC = ScannerSpec(
    name="openvas",
    title="OpenVAS / Greenbone",
    kinds=(Kind.HOST,),
    homepage="https://greenbone.github.io/docs",
    setup=_SETUP,
    aliases=("greenbone", "gvm"),
    differences={
        "report_using_openVAS.csv": "the table has 13 rows, and so many observations it gives; cells with line breaks "
        "make it look like more",
    },
    formats=(
        Format(
            name="openvas-csv",
            container="csv",
            detect=CsvShape(
                columns=("NVT Name",), any_of=("NVT OID", "Specific Result", "QoD", "Port Protocol", "CVSS"), weight=2
            ),
            maps=(ROWS,),
        ),
        Format(
            name="openvas-xml",
            container="xml",
            detect=XmlShape(
                root="report",
                has=("report",),
                any_of=(
                    *("report.results.result.nvt", "report.scan_run_status", "report.gmp", "report.omp"),
                    *("report.scan_start", "report.results.@start"),
                ),
            ),
            records="report.results.result",
            scan=_scan("report."),
            maps=(RESULT,),
        ),
        Format(
            name="openvas-xml-inner",
            container="xml",
            detect=XmlShape(
                root="report",
                has=("results",),
                any_of=("results.result.nvt", "scan_run_status", "gmp", "omp", "results.@start"),
            ),
            records="results.result",
            scan=_scan(""),
            maps=(RESULT,),
        ),
        Format(
            name="openvas-xml-response",
            container="xml",
            detect=XmlShape(root="get_reports_response", has=("report",)),
            records="report.report.results.result",
            scan=_scan("report.report."),
            maps=(RESULT,),
        ),
        Format(
            name="openvas-xml-results",
            container="xml",
            detect=XmlShape(root="get_results_response", any_of=("result.nvt", "results", "result_count")),
            records="result",
            maps=(RESULT,),
        ),
    ),
)
