"""Wazuh: vulnerable packages on the machines of its agents."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.wazuh.maps import ALERTS, ITEMS, failed, states
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
# 4.8 and later
curl -u "$USER:$PASS" "https://indexer.acme.io:9200/wazuh-states-vulnerabilities-*/_search?size=10000" > wazuh.json
# before
curl -H "Authorization: Bearer $TOKEN" "https://wazuh.acme.io:55000/vulnerability/001" > wazuh.json
sluice push wazuh.json --asset app:endpoints --scanner wazuh
```
An integration of the manager can post alerts of the group `vulnerability-detector` to
`POST /v1/reports?complete=false`. Each agent's machine is an asset of its own where the record names it; results of the
older API belong to the asset of the push.
"""

SPEC = ScannerSpec(
    name="wazuh",
    title="Wazuh",
    kinds=(Kind.HOST,),
    homepage="https://documentation.wazuh.com",
    setup=_SETUP,
    formats=(
        Format(
            name="wazuh-json-4.7",
            container="json",
            detect=JsonShape(root="object", has=("data.affected_items", "data.total_affected_items")),
            scan=ScanMap(refuse=call(failed, "error", "message", "data.total_affected_items", "data.failed_items")),
            maps=(ITEMS,),
        ),
        Format(
            name="wazuh-json-4.8",
            container="json",
            detect=JsonShape(root="object", has=("hits.hits[]._source.vulnerability", "hits.hits[]._source.agent")),
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
            detect=JsonShape(has=("[].agent", "[].package.name", "[].vulnerability.id", "[].vulnerability.severity")),
            maps=(states("[]"),),
        ),
        Format(
            name="wazuh-alerts",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].data.vulnerability", "[].agent", "[].rule")),
            maps=(ALERTS,),
        ),
    ),
)
