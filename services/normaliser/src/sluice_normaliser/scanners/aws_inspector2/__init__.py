"""Amazon Inspector: vulnerable packages, weak code and open network paths of instances, images and functions."""

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.aws_inspector2.maps import ROWS, findings
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
aws inspector2 list-findings --output json > inspector.json            # or the JSON or CSV of "Export findings"
sluice push inspector.json --asset cloud:aws/123456789012 --scanner aws_inspector2
```
Inspector can push by itself: an EventBridge rule for `aws.inspector2` ("Inspector2 Finding") whose target is an API
destination, `POST /v1/reports?asset=cloud:aws/123456789012&complete=false`. Images in ECR are assets of their own.
"""

_ONLY_HERE = (
    "findingArn",
    "packageVulnerabilityDetails",
    "codeVulnerabilityDetails",
    "networkReachabilityDetails",
    "inspectorScore",
)
"""What only Inspector's findings have; one of them is enough."""

SPEC = ScannerSpec(
    name="aws_inspector2",
    title="Amazon Inspector",
    kinds=(Kind.HOST, Kind.CONTAINER, Kind.SCA, Kind.SAST, Kind.CSPM),
    homepage="https://docs.aws.amazon.com/inspector/latest/user",
    setup=_SETUP,
    aliases=("inspector", "inspector2", "amazon_inspector"),
    trivial={"{}": "an export of Amazon Inspector has a list of findings, even when it is empty"},
    formats=(
        Format(
            name="aws-inspector2-json",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=tuple(f"findings[].{name}" for name in _ONLY_HERE),
                weight=2,
            ),
            maps=findings("findings[]"),
        ),
        Format(
            name="aws-inspector2-json-nothing",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings",),
                lacks=("findings[]",),
                only=("findings", "nextToken"),
            ),
            maps=findings("findings[]"),
        ),
        Format(
            name="aws-inspector2-event",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].detail",), match={"[].source": r"^aws\.inspector2$"}, weight=1),
            scan=ScanMap(complete=False),
            maps=findings("[].detail"),
        ),
        Format(
            name="aws-inspector2-jsonl",
            container=("json", "jsonl"),
            detect=JsonShape(any_of=tuple(f"[].{name}" for name in _ONLY_HERE), weight=2),
            maps=findings("[]"),
        ),
        Format(
            name="aws-inspector2-csv",
            container="csv",
            detect=CsvShape(columns=("Title",), any_of=("Finding ARN", "Inspector Score", "Finding Type"), weight=5),
            maps=(ROWS,),
        ),
    ),
)
