"""Prowler: checks of clouds and clusters, in the formats of version 3 and later."""

from sluice_normaliser.kit import CLEAN, CsvShape, Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners._asff import findings
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
prowler azure --az-cli-auth --output-formats json-ocsf csv --output-directory out
sluice push out/*.ocsf.json --asset cloud:azure/00000000-0000-0000-0000-000000000000
prowler kubernetes --output-formats json-ocsf        # pushed for cluster:prod
```
Passed and manual checks are kept as such, muted ones count as suppressed. Accounts, subscriptions and projects are
assets of their own; results about a cluster belong to the asset of the push.
"""

SPEC = ScannerSpec(
    name="prowler",
    title="Prowler",
    kinds=(Kind.CSPM,),
    homepage="https://docs.prowler.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="prowler-ocsf-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                any_of=OF_OCSF,
                match={"[].metadata.product.name": "^Prowler"},
            ),
            scan=ScanMap(name="[0].metadata.product.name", version="[0].metadata.product.version"),
            maps=(ocsf(),),
        ),
        Format(
            name="prowler-ocsf-json-cut",
            container=("json", "jsonl"),
            detect=JsonShape(
                any_of=("[].finding_info.title", "[].finding.title"),
                match={"[].metadata.event_code": r"^[a-z0-9]+(?:_[a-z0-9]+)+$"},
            ),
            maps=(ocsf(),),
        ),
        Format(
            name="prowler-csv-4",
            container="csv",
            detect=CsvShape(columns=("CHECK_ID", "STATUS"), any_of=OF_ROWS_4),
            maps=(rows_4(),),
        ),
        Format(
            name="prowler-csv-3",
            container="csv",
            detect=CsvShape(columns=("CHECK_ID", "STATUS"), any_of=OF_ROWS_3),
            maps=(rows_3(),),
        ),
        Format(
            name="prowler-json-3",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].CheckID",), any_of=OF_RECORDS_3),
            maps=(records_3(),),
        ),
        Format(
            name="prowler-asff-json",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].GeneratorId",),
                match={"[].GeneratorId": "^prowler"},
                weight=3,
            ),
            scan=ScanMap(name="[0].ProductName", version="[0].ProductFields.ProviderVersion"),
            maps=(findings("[]"),),
        ),
    ),
)
