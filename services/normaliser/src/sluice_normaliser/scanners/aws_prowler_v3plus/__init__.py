"""Prowler 3 and 4 for AWS; from version 5 on, reports are recognised as Prowler's in general."""

from sluice_normaliser.kit import CLEAN, CsvShape, Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners._prowler import (
    OF_OCSF,
    OF_RECORDS_3,
    OF_ROWS_3,
    OF_ROWS_4,
    ocsf,
    records_3,
    rows_3,
    rows_4,
)
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
                any_of=OF_OCSF,
                match={
                    "[].metadata.product.name": "^Prowler",
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
                any_of=OF_OCSF,
                match={"[].metadata.product.name": "^Prowler"},
                weight=-1,
            ),
            scan=ScanMap(name="[0].metadata.product.name", version="[0].metadata.product.version"),
            maps=(ocsf(),),
        ),
        Format(
            name="prowler-aws-ocsf-json-cut",
            container=("json", "jsonl"),
            detect=JsonShape(
                any_of=("[].finding_info.title", "[].finding.title"),
                match={"[].metadata.event_code": r"^[a-z0-9]+(?:_[a-z0-9]+)+$"},
                weight=-2,
            ),
            maps=(ocsf(),),
        ),
        Format(
            name="prowler-aws-json-3",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].CheckID",),
                any_of=OF_RECORDS_3,
                match={"[].Provider": "(?i)^aws$"},
            ),
            maps=(records_3(),),
        ),
        Format(
            name="prowler-aws-json-3-cut",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].CheckID",), any_of=OF_RECORDS_3, weight=-1),
            maps=(records_3(),),
        ),
        Format(
            name="prowler-aws-csv-4",
            container="csv",
            detect=CsvShape(columns=("CHECK_ID", "STATUS"), any_of=OF_ROWS_4, weight=-1),
            maps=(rows_4(),),
        ),
        Format(
            name="prowler-aws-csv-3",
            container="csv",
            detect=CsvShape(columns=("CHECK_ID", "STATUS"), any_of=OF_ROWS_3, weight=-1),
            maps=(rows_3(),),
        ),
    ),
)
