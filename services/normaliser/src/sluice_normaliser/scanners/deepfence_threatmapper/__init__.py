"""Deepfence ThreatMapper: vulnerabilities, secrets, malware and compliance of hosts, images and clouds."""

from collections.abc import Callable, Iterator
from typing import Any

from sluice_normaliser.kit import CsvShape, Format, Map, Reading, ScannerSpec, SheetShape, several_assets
from sluice_normaliser.scanners.deepfence_threatmapper.maps import COMPLIANCE, MALWARE, SECRETS, VULNERABILITIES, asset
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
*Integrations › Reports*: a report of type XLSX (older versions: CSV) of vulnerabilities, secrets, malware or
compliance.
```sh
sluice push report.xlsx --asset host:10.0.0.8
```
A report about several nodes names an asset for each.
"""


def _table(rows: Map) -> Callable[[Any, Reading], Iterator[Observation]]:
    read = several_assets(rows, key=asset)

    def parse(document: Any, reading: Reading) -> Iterator[Observation]:
        return read([row for table in document.tables().values() for row in table], reading)

    return parse


def _formats(name: str, columns: tuple[str, ...], rows: Map) -> tuple[Format, Format]:
    """Return the two formats of one table: in a workbook, and as CSV."""
    return (
        Format(
            name=f"threatmapper-{name}-xlsx",
            container="zip",
            detect=SheetShape(columns=columns),
            parse=_table(rows),
        ),
        Format(
            name=f"threatmapper-{name}-csv",
            container="csv",
            detect=CsvShape(columns=columns),
            parse=several_assets(rows, key=asset),
        ),
    )


SPEC = ScannerSpec(
    name="deepfence_threatmapper",
    title="Deepfence ThreatMapper",
    kinds=(Kind.CONTAINER, Kind.HOST, Kind.SECRET, Kind.MALWARE, Kind.COMPLIANCE),
    aliases=("deepfence", "threatmapper"),
    homepage="https://github.com/deepfence/ThreatMapper",
    setup=_SETUP,
    formats=tuple(
        made
        for name, columns, rows in (
            ("vulnerabilities", ("cve_id", "cve_severity", "cve_caused_by_package"), VULNERABILITIES),
            ("vulnerabilities-2", ("CVE ID", "Severity", "Caused By Package"), VULNERABILITIES),
            ("secrets", ("Filename", "Content", "Rule", "Node Name"), SECRETS),
            ("malware", ("Rule Name", "Summary", "Severity", "Node Name"), MALWARE),
            ("compliance-old", ("compliance_check_type", "test_number", "test_info", "status"), COMPLIANCE),
            ("compliance", ("Compliance Standard", "Status", "Control ID", "Node Name"), COMPLIANCE),
        )
        for made in _formats(name, columns, rows)
    ),
)
