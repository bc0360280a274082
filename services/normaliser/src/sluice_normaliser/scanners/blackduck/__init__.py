"""Black Duck: known vulnerabilities of the components of a project version."""

from typing import Any

from sluice_normaliser.kit import CLEAN, CsvShape, Format, JsonShape, ScanMap, ScannerSpec, ZipShape, call, peek
from sluice_normaliser.kit.shapes import arr
from sluice_normaliser.scanners.blackduck.api import component
from sluice_normaliser.scanners.blackduck.rows import ROW, read
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Project version → Reports → Create → Version details report*, CSV, with *Vulnerabilities* (and *Source*, for paths):
```sh
sluice push shop-1.4.zip --asset repo:github.com/acme/shop
```
The whole ZIP, or the security CSV alone. What was ignored, mitigated or patched there counts as suppressed or fixed;
components that violate a policy are findings, too. From the API:
```sh
curl -H "Authorization: Bearer $TOKEN" "$VERSION/vulnerable-bom-components?limit=10000" > blackduck.json
```
"""


def _whole(items: Any, total: Any) -> bool:
    return not (isinstance(total, int) and len(arr(items)) < total)


SPEC = ScannerSpec(
    name="blackduck",
    title="Black Duck",
    kinds=(Kind.SCA, Kind.COMPLIANCE),
    aliases=("black-duck", "black-duck-hub", "blackduck-hub", "api_blackduck", "blackduck_component_risk"),
    homepage="https://www.blackduck.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    differences={
        "blackduck_hub_component_risk.zip": "one observation for each of 37 vulnerabilities and 5 violations of "
        "policy; the reference merges the vulnerabilities of a component",
    },
    formats=(
        Format(
            name="blackduck-security-csv",
            container="csv",
            detect=CsvShape(columns=("Component id", "Vulnerability id", "Remediation status", "Vulnerability source")),
            maps=(ROW,),
        ),
        Format(
            name="blackduck-report-zip",
            container="zip",
            detect=ZipShape(members=("*security*.csv",)),
            parse=read,
        ),
        Format(
            name="blackduck-api-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items", "totalCount"),
                any_of=("items[].vulnerabilityWithRemediation", "items[].vulnerability", "_meta.href"),
                match={"_meta.href": "vulnerable-bom-components"},
            ),
            scan=ScanMap(complete=call(_whole, peek("items"), "totalCount")),
            maps=(component("items[]"),),
        ),
        Format(
            name="blackduck-api-items",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items[].componentName", "items[].componentVersionName"),
                any_of=("items[].vulnerabilityWithRemediation", "items[].vulnerability.vulnerabilityId"),
            ),
            scan=ScanMap(complete=call(_whole, peek("items"), "totalCount")),
            maps=(component("items[]"),),
        ),
        Format(
            name="blackduck-api-list",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].componentName", "[].componentVersionName"),
                any_of=("[].vulnerabilityWithRemediation", "[].vulnerability.vulnerabilityId"),
            ),
            maps=(component("[]"),),
        ),
    ),
)
