"""Microsoft Defender for Endpoint: vulnerable software on machines."""

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScanMap, ScannerSpec, ZipShape, call
from sluice_normaliser.scanners.ms_defender.maps import archive, deliveries, is_whole, listed, pages
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
API=https://api.security.microsoft.com/api
curl -H "Authorization: Bearer $TOKEN" $API/vulnerabilities/machinesVulnerabilities > vulnerabilities.json
sluice push vulnerabilities.json --asset app:endpoints --scanner ms_defender
```
The answer comes in pages; follow `@odata.nextLink`, or put all pages under `vulnerabilities/` and those of
`/api/machines` under `machines/` in one ZIP archive. `SoftwareVulnerabilitiesByMachine` and its export files are read,
too, and so is what advanced hunting exports of `DeviceTvmSoftwareVulnerabilities`. Each machine is an asset of its own.
"""

SPEC = ScannerSpec(
    name="ms_defender",
    title="Microsoft Defender for Endpoint",
    kinds=(Kind.HOST,),
    homepage="https://learn.microsoft.com/defender-vulnerability-management",
    setup=_SETUP,
    aliases=("defender", "microsoft_defender", "defender_for_endpoint"),
    formats=(
        Format(
            name="ms-defender-json",
            container="json",
            detect=JsonShape(
                root="object", has=("value[].cveId",), any_of=("value[].machineId", "value[].productName"), weight=1
            ),
            scan=ScanMap(complete=call(is_whole, '"@odata.nextLink"')),
            maps=(pages("value[]"),),
        ),
        Format(
            name="ms-defender-json-by-machine",
            container="json",
            detect=JsonShape(
                root="object",
                has=("value[].softwareName",),
                any_of=("value[].deviceId", "value[].deviceName", "value[].cveId"),
            ),
            scan=ScanMap(complete=call(is_whole, '"@odata.nextLink"')),
            maps=(deliveries("value[]"),),
        ),
        Format(
            name="ms-defender-jsonl-by-machine",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].softwareName",), any_of=("[].deviceId", "[].deviceName", "[].vulnerabilitySeverityLevel")
            ),
            maps=(deliveries("[]"),),
        ),
        Format(
            name="ms-defender-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].cveId", "[].machineId")),
            maps=(pages("[]"),),
        ),
        Format(
            name="ms-defender-hunting-csv",
            container="csv",
            detect=CsvShape(columns=("CveId",), any_of=("DeviceId", "DeviceName", "SoftwareName")),
            maps=(deliveries("."),),
        ),
        Format(
            name="ms-defender-hunting-json",
            container="json",
            detect=JsonShape(
                root="object", has=("Results[].CveId",), any_of=("Results[].DeviceId", "Results[].SoftwareName")
            ),
            maps=(deliveries("Results[]"),),
        ),
        Format(
            name="ms-defender-json-of-one",
            container="json",
            detect=JsonShape(
                root="object",
                has=("value[].id", "value[].severity"),
                any_of=("value[].cvssV3", "value[].exposedMachines", "value[].exploitVerified"),
                match={'"@odata.context"': r"(?i)(vulnerabilit|PublicVulnerabilityDto|public\w*vulnerab)"},
            ),
            scan=ScanMap(complete=call(is_whole, '"@odata.nextLink"')),
            maps=(listed("value[]"),),
        ),
        Format(
            name="ms-defender-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("value",),
                lacks=("value[]",),
                only=("value", "@odata.context", "@odata.count", "@odata.nextLink"),
            ),
            maps=(pages("value[]"),),
        ),
        Format(
            name="ms-defender-zip",
            container="zip",
            detect=ZipShape(members=("*vulnerabilities/*.json",)),
            parse=archive,
        ),
    ),
)
