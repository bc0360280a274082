"""Sysdig Secure: scheduled reports of vulnerabilities in running workloads, registries and pipelines."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec, several_assets
from sluice_normaliser.scanners._sysdig import OF_ROWS, OF_ROWS_2025, read_rows, rows
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Vulnerabilities → Reporting → a report → Download*, CSV or JSON:
```sh
sluice push sysdig.csv --asset k8s:prod
```
In a report about several images each of them is an asset of its own. What was accepted in Sysdig counts as suppressed.
"""


SPEC = ScannerSpec(
    name="sysdig_reports",
    title="Sysdig vulnerability reports",
    kinds=(Kind.CONTAINER,),
    aliases=("sysdig-vulnerability-report",),
    homepage="https://sysdig.com",
    setup=_SETUP,
    formats=(
        Format(
            name="sysdig-report-csv",
            container="csv",
            detect=OF_ROWS,
            parse=read_rows,
        ),
        Format(
            name="sysdig-report-csv-2025",
            container="csv",
            detect=OF_ROWS_2025,
            parse=read_rows,
        ),
        Format(
            name="sysdig-report-json",
            container="json",
            detect=JsonShape(
                root="object", has=("data[].vulnName",), any_of=("data[].packageName", "data[].vulnSeverity"), weight=1
            ),
            parse=several_assets(rows("data[]")),
        ),
        Format(
            name="sysdig-report-json-none",
            container="json",
            detect=JsonShape(root="object", has=("data",), only=("data",), lacks=("data[]",), weight=-1.0),
            parse=several_assets(rows("data[]")),
        ),
    ),
)
