"""Amazon GuardDuty: signs of attacks in accounts, on instances, in clusters, buckets and databases."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.aws_guardduty.maps import findings
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
aws guardduty get-findings --detector-id $ID --finding-ids $(aws guardduty list-findings --detector-id $ID \\
  --query FindingIds --output text) > guardduty.json
sluice push guardduty.json --asset cloud:aws/123456789012 --scanner aws_guardduty
```
GuardDuty can push by itself: an EventBridge rule for `aws.guardduty` ("GuardDuty Finding") whose target is an API
destination. Such an event tells of one finding, and so do the lines of its export to S3: they resolve nothing.
"""

SPEC = ScannerSpec(
    name="aws_guardduty",
    title="Amazon GuardDuty",
    kinds=(Kind.RUNTIME, Kind.MALWARE),
    homepage="https://docs.aws.amazon.com/guardduty/latest/ug/",
    setup=_SETUP,
    aliases=("guardduty", "amazon_guardduty"),
    formats=(
        Format(
            name="aws-guardduty-event",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].detail.type", "[].detail.service"), match={"[].source": r"^aws\.guardduty$"}),
            scan=ScanMap(complete=False),
            maps=(findings("[].detail"),),
        ),
        Format(
            name="aws-guardduty-json",
            container="json",
            detect=JsonShape(
                root="object", has=("Findings[].Service.DetectorId", "Findings[].Type", "Findings[].Resource")
            ),
            scan=ScanMap(complete=False),
            maps=(findings("Findings[]"),),
        ),
        Format(
            name="aws-guardduty-export",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].service.detectorId", "[].type", "[].resource", "[].arn")),
            scan=ScanMap(complete=False),
            maps=(findings("[]"),),
        ),
    ),
)
