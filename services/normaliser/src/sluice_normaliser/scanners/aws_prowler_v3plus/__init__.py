"""Prowler 3 and 4 for AWS; from version 5 on, reports are recognised as Prowler's in general."""

from sluice_normaliser.kit import CLEAN, CsvShape, Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners._prowler import ocsf, records_3, rows_3, rows_4
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
prowler aws --output-formats json-ocsf --output-directory out
sluice push out/*.ocsf.json --asset cloud:aws/123456789012
```
With `--security-hub` Prowler sends to AWS Security Hub, which can push to Sluice. Passed and manual checks are kept as
such, muted ones count as suppressed. Each account is an asset of its own. Without a scanner named, CSV and the reports
of version 5 are taken as those of `prowler`; stay with one name, so that findings keep their history.
"""

SPEC = ScannerSpec(
    name="aws_prowler_v3plus",
    title="Prowler for AWS",
    kinds=(Kind.CSPM,),
    homepage="https://docs.prowler.com",
    setup=_SETUP,
    aliases=("aws_prowler_v3", "prowler_aws", "aws_prowler_v4", "aws_prowler_v5"),
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="prowler-aws-ocsf-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].metadata.product", "[].resources", "[].severity_id"),
                match={
                    "[].metadata.product.name": "^Prowler$",
                    "[].metadata.product.version": r"^[34]\.",
                    "[].cloud.provider": "(?i)^aws$",
                },
            ),
            scan=ScanMap(name="[0].metadata.product.name", version="[0].metadata.product.version"),
            maps=(ocsf(),),
        ),
        Format(
            name="prowler-aws-ocsf-json-5",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].metadata.product", "[].resources", "[].severity_id"),
                match={"[].metadata.product.name": "^Prowler$"},
                weight=-1,
            ),
            scan=ScanMap(name="[0].metadata.product.name", version="[0].metadata.product.version"),
            maps=(ocsf(),),
        ),
        Format(
            name="prowler-aws-json-3",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].FindingUniqueId", "[].CheckID", "[].StatusExtended"),
                match={"[].Provider": "(?i)^aws$"},
            ),
            maps=(records_3(),),
        ),
        Format(
            name="prowler-aws-csv-4",
            container="csv",
            detect=CsvShape(
                columns=("FINDING_UID", "PROVIDER", "CHECK_ID", "STATUS", "RESOURCE_UID", "PROWLER_VERSION"), weight=-1
            ),
            maps=(rows_4(),),
        ),
        Format(
            name="prowler-aws-csv-3",
            container="csv",
            detect=CsvShape(
                columns=("ASSESSMENT_START_TIME", "FINDING_UNIQUE_ID", "PROVIDER", "CHECK_ID", "STATUS_EXTENDED"),
                weight=-1,
            ),
            maps=(rows_3(),),
        ),
    ),
)
