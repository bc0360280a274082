"""Wazuh: vulnerable packages on the machines of its agents, and the alerts of its rules."""

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.wazuh.events import EVENTS, KEEP
from sluice_normaliser.scanners.wazuh.maps import ALERTS, ROWS, failed, items, states
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
# 4.8 and later
curl -u "$USER:$PASS" "https://indexer.acme.io:9200/wazuh-states-vulnerabilities-*/_search?size=10000" > wazuh.json
# before
curl -H "Authorization: Bearer $TOKEN" "https://wazuh.acme.io:55000/vulnerability/001" > wazuh.json
sluice push wazuh.json --asset app:endpoints --scanner wazuh
```
An integration of the manager can post its alerts, those of the group `vulnerability-detector` and any other. An alert
resolves nothing; below level 7 it is kept as information. Each agent's machine is an asset of its own where the record
names it; results of the older API belong to the asset of the push.
"""

SPEC = ScannerSpec(
    name="wazuh",
    title="Wazuh",
    kinds=(Kind.HOST, Kind.RUNTIME),
    homepage="https://documentation.wazuh.com",
    setup=_SETUP,
    formats=(
        Format(
            name="wazuh-json-4.7",
            container="json",
            detect=JsonShape(root="object", has=("*.affected_items",), weight=1),
            scan=ScanMap(refuse=call(failed, "error", "message", "data.total_affected_items", "data.failed_items")),
            maps=(items("*.affected_items[]"),),
        ),
        Format(
            name="wazuh-json-4.8",
            container="json",
            detect=JsonShape(
                root="object",
                has=("hits.hits[]._source.vulnerability",),
                any_of=("hits.hits[]._source.agent", "hits.hits[]._source.package", "hits.hits[]._source.wazuh"),
            ),
            maps=(states("hits.hits[]._source"),),
        ),
        Format(
            name="wazuh-json-4.8-nothing",
            container="json",
            detect=JsonShape(root="object", has=("hits.hits",), lacks=("hits.hits[]",), weight=-1),
            maps=(states("hits.hits[]._source"),),
        ),
        Format(
            name="wazuh-jsonl-4.8",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].agent", "[].vulnerability.id"), any_of=("[].package", "[].vulnerability.severity")
            ),
            maps=(states("[]"),),
        ),
        Format(
            name="wazuh-csv-4.8",
            container="csv",
            detect=CsvShape(
                columns=("vulnerability.id",), any_of=("package.name", "agent.name", "vulnerability.severity"), weight=1
            ),
            maps=(ROWS,),
        ),
        Format(
            name="wazuh-items",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].cve", "[].condition"), any_of=("[].detection_time", "[].cvss3_score", "[].external_references")
            ),
            maps=(items("[]"),),
        ),
        Format(
            name="wazuh-alerts",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].data.vulnerability",), any_of=("[].agent", "[].rule"), weight=1),
            scan=ScanMap(complete=False),
            maps=(ALERTS,),
        ),
        Format(
            name="wazuh-events",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].rule.level", "[].rule.description"),
                any_of=("[].agent", "[].rule.id"),
                lacks=("[].data.vulnerability",),
                weight=1,
            ),
            scan=ScanMap(complete=False),
            maps=(EVENTS,),
        ),
        Format(
            name="wazuh-keep",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].message", "[].severity", "[].created_at"),
                match={"[].description": r"^Rule ID \S+\nLevel \d+\n"},
            ),
            scan=ScanMap(complete=False),
            maps=(KEEP,),
        ),
    ),
)
