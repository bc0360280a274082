"""Deepfence ThreatMapper: vulnerabilities, secrets, malware and compliance of hosts, images and clouds."""

from collections.abc import Callable, Iterator
from typing import Any

from sluice_normaliser.kit import Format, Map, Reading, ScannerSpec, SheetShape, several_assets
from sluice_normaliser.scanners.deepfence_threatmapper.maps import COMPLIANCE, MALWARE, SECRETS, VULNERABILITIES, asset
from sluice_shared.contracts.finding import Kind, Observation

_SETUP = """
*Integrations › Reports*: a report of type XLSX, of vulnerabilities, secrets, malware, or compliance.
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


SPEC = ScannerSpec(
    name="deepfence_threatmapper",
    title="Deepfence ThreatMapper",
    kinds=(Kind.CONTAINER, Kind.HOST, Kind.SECRET, Kind.MALWARE, Kind.COMPLIANCE),
    aliases=("deepfence", "threatmapper"),
    homepage="https://github.com/deepfence/ThreatMapper",
    setup=_SETUP,
    formats=(
        Format(
            name="threatmapper-vulnerabilities-xlsx",
            container="zip",
            detect=SheetShape(columns=("cve_id", "cve_severity", "cve_caused_by_package")),
            parse=_table(VULNERABILITIES),
        ),
        Format(
            name="threatmapper-secrets-xlsx",
            container="zip",
            detect=SheetShape(columns=("Filename", "Content", "Rule", "Severity", "Node Name")),
            parse=_table(SECRETS),
        ),
        Format(
            name="threatmapper-malware-xlsx",
            container="zip",
            detect=SheetShape(columns=("Rule Name", "Summary", "Severity", "Node Name")),
            parse=_table(MALWARE),
        ),
        Format(
            name="threatmapper-compliance-xlsx-old",
            container="zip",
            detect=SheetShape(columns=("compliance_check_type", "test_number", "test_info", "status")),
            parse=_table(COMPLIANCE),
        ),
        Format(
            name="threatmapper-compliance-xlsx",
            container="zip",
            detect=SheetShape(columns=("Compliance Standard", "Status", "Control ID", "Node Name")),
            parse=_table(COMPLIANCE),
        ),
    ),
)
