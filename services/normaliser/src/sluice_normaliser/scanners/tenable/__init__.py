"""Tenable: vulnerabilities of machines from Nessus, Vulnerability Management and Security Center."""

from typing import Any

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScanMap, ScannerSpec, XmlShape, call
from sluice_normaliser.kit.coerce import integer
from sluice_normaliser.scanners.tenable.exports import ANALYSED, EXPORTED
from sluice_normaliser.scanners.tenable.maps import ITEM
from sluice_normaliser.scanners.tenable.rows import ROW, ROW_OF_PLATFORM
from sluice_shared.contracts.finding import Kind

_SETUP = """
In Nessus, *Export › Nessus* (best: it has all vectors) or *CSV*; in Vulnerability Management *Export › CSV*; or by API:
```sh
curl -H "X-ApiKeys: accessKey=…; secretKey=…" https://cloud.tenable.com/scans/ID/export/FILE/download -o scan.nessus
sluice push scan.nessus --asset host:fleet
```
The answers of `POST /vulns/export` and of Security Center's `POST /rest/analysis` are read, too.
Each machine of a report is an asset of its own. Plugins that only inform count as informational.
"""

_OF_PLATFORM = ("definition.severity", "definition.solution", "severity", "state", "asset.name", "asset.host_name")
"""Columns of which whoever exports the findings leaves at least one."""


def _is_whole(total: Any, shown: Any) -> bool:
    """Return False when an answer says that there is more than it shows."""
    every = integer(total)
    return every is None or not isinstance(shown, list) or len(shown) >= every


SPEC = ScannerSpec(
    name="tenable",
    title="Tenable",
    kinds=(Kind.HOST, Kind.DAST, Kind.COMPLIANCE),
    aliases=("nessus", "tenable_io", "tenable_sc", "nessus_was"),
    homepage="https://docs.tenable.com",
    setup=_SETUP,
    misses={
        "components: alma@linux": "the product is linux, of the vendor alma",
        "components: centos@centos": "the second is the product, no version",
        "components: microsoft@ie,": "cut at a comma of the list of CPEs",
    },
    formats=(
        Format(
            name="nessus-2",
            container="xml",
            detect=XmlShape(root="NessusClientData_v2"),
            records="Report.ReportHost",
            maps=(ITEM,),
        ),
        Format(
            name="tenable-vm-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].asset", "[].plugin.name"),
                any_of=("[].severity_id", "[].plugin.risk_factor", "[].port.port", "[].plugin.family"),
                weight=1,
            ),
            maps=(EXPORTED,),
        ),
        Format(
            name="tenable-sc-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("response.results[].pluginID",),
                any_of=("response.results[].pluginName", "response.results[].name", "response.totalRecords"),
                weight=1,
            ),
            scan=ScanMap(complete=call(_is_whole, "response.totalRecords", "response.results")),
            maps=(ANALYSED,),
        ),
        Format(
            name="nessus-csv",
            container="csv",
            detect=CsvShape(
                columns=("Plugin ID",), any_of=("Name", "Synopsis", "Risk", "Plugin Output", "Host"), weight=2
            ),
            maps=(ROW,),
        ),
        Format(
            name="nessus-csv-chosen",
            container="csv",
            detect=CsvShape(columns=("Name", "Synopsis"), any_of=("Risk", "Plugin Output", "Host"), weight=1),
            maps=(ROW,),
        ),
        Format(
            name="tenable-sc-csv",
            container="csv",
            detect=CsvShape(
                columns=("Plugin Name",),
                any_of=(
                    "Plugin",
                    "Plugin Text",
                    "Plugin Output",
                    "Steps to Remediate",
                    "Vulnerability Priority Rating",
                ),
                weight=2,
            ),
            maps=(ROW,),
        ),
        Format(
            name="tenable-vm-csv",
            container="csv",
            detect=CsvShape(columns=("definition.name",), any_of=_OF_PLATFORM, weight=2),
            maps=(ROW_OF_PLATFORM,),
        ),
        Format(
            name="tenable-vm-csv-chosen",
            container="csv",
            detect=CsvShape(columns=("definition.id",), any_of=_OF_PLATFORM, weight=2),
            maps=(ROW_OF_PLATFORM,),
        ),
    ),
)
