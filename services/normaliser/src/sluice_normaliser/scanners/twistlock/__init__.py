"""Prisma Cloud Compute (once Twistlock): vulnerabilities and compliance of images, hosts and functions."""

from sluice_normaliser.kit import CLEAN, CsvShape, Format, Group, JsonShape, ScannerSpec, several_assets
from sluice_normaliser.scanners.twistlock.maps import API_MAPS, RESULT_MAPS, ROW, whose
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
twistcli images scan --address $CONSOLE --details --output-file twistlock.json registry.acme.io/shop:1.4
sluice push twistlock.json --asset image:registry.acme.io/shop
```
The CSV of the console (*Monitor → Vulnerabilities → Images → CSV*) and the answer of `GET /api/v1/images` (or `/scans`)
do, too; in a report about several images each of them is an asset of its own.
"""

SPEC = ScannerSpec(
    name="twistlock",
    title="Prisma Cloud Compute (Twistlock)",
    kinds=(Kind.CONTAINER, Kind.COMPLIANCE),
    aliases=("prisma-cloud-compute", "prisma-cloud", "twistcli"),
    homepage="https://www.paloaltonetworks.com/prisma/cloud",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="twistlock-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results",),
                any_of=(
                    "results[].complianceDistribution",
                    "results[].vulnerabilityDistribution",
                    "results[].complianceScanPassed",
                    "results[].vulnerabilityScanPassed",
                    "consoleURL",
                    "results[].vulnerabilities[].packageVersion",
                    "results[].compliances",
                    "results[].distro",
                ),
            ),
            parse=several_assets(Group(each="results[]", maps=RESULT_MAPS)),
        ),
        Format(
            name="twistlock-api-json",
            container="json",
            detect=JsonShape(
                root="array",
                any_of=(
                    *("[].complianceIssues", "[].entityInfo.complianceIssues", "[].repoTag"),
                    *("[].vulnerabilities[].packageVersion", "[].entityInfo.vulnerabilities[].packageVersion"),
                ),
                weight=1,
            ),
            parse=several_assets(*API_MAPS),
        ),
        Format(
            name="twistlock-csv",
            container="csv",
            detect=CsvShape(
                columns=("CVE ID", "Packages"), any_of=("Compliance ID", "Fix Status", "Package Version"), weight=2
            ),
            parse=several_assets(ROW, key=whose),
        ),
    ),
)
