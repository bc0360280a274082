"""AWS Security Hub: findings of its own checks and of the services that report to it, by API and by EventBridge."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners._asff import findings
from sluice_normaliser.scanners._notices import notice
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
aws securityhub get-findings --output json > findings.json        # an object with Findings
sluice push findings.json --asset cloud:aws/123456789012 --scanner awssecurityhub
```
Security Hub pushes by itself, too: an EventBridge rule for `source: aws.securityhub` with an API destination at
`/v1/webhooks/generic/NAME`, or at `POST /v1/reports?asset=cloud:aws/123456789012&scanner=awssecurityhub`. Such an event
tells of a few findings only, so that it resolves nothing else. What passed, was suppressed or archived has that status.
"""
_KINDS = (Kind.CSPM, Kind.HOST, Kind.CONTAINER, Kind.SCA, Kind.SAST, Kind.RUNTIME)
_SCHEMA = r"^2018-10-08$"

_FIELDS = ("ProductArn", "GeneratorId", "AwsAccountId")

SPEC = ScannerSpec(
    name="awssecurityhub",
    title="AWS Security Hub",
    kinds=_KINDS,
    aliases=("aws_security_hub", "securityhub", "security_hub"),
    homepage="https://docs.aws.amazon.com/securityhub/",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="security-hub-json",
            container="json",
            detect=JsonShape(root="object", has=("Findings",), match={"Findings[].SchemaVersion": _SCHEMA}),
            maps=(findings("Findings[]"),),
        ),
        Format(
            name="security-hub-json-unversioned",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=tuple(f"{name}[].{field}" for name in ("Findings", "findings") for field in _FIELDS),
                weight=-1,
            ),
            maps=(findings("Findings[] | findings[]"),),
        ),
        Format(
            name="security-hub-json-list",
            container=("json", "jsonl"),
            detect=JsonShape(has=tuple(f"[].{field}" for field in _FIELDS), weight=-4),
            maps=(findings("[]"),),
        ),
        Format(
            name="security-hub-json-lower",
            container="json",
            detect=JsonShape(root="object", has=("findings",), match={"findings[].SchemaVersion": _SCHEMA}),
            maps=(findings("findings[]"),),
        ),
        Format(
            name="security-hub-json-empty",
            container="json",
            detect=JsonShape(
                root="object", has=("Findings",), lacks=("Findings[]", "Results", "results", "Issues"), weight=-2
            ),
            maps=(findings("Findings[]"),),
        ),
        Format(
            name="security-hub-json-lower-empty",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings",),
                only=("findings", "NextToken", "nextToken"),
                lacks=("findings[]",),
                weight=-2,
            ),
            maps=(findings("findings[]"),),
        ),
        Format(
            name="security-hub-event",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].detail.findings",), match={"[].source": r"^aws\.securityhub$"}, weight=2),
            scan=ScanMap(complete=False, scanned_at="[0].time"),
            maps=(findings("[].detail.findings[]"),),
        ),
        notice(
            "security-hub-insight",
            JsonShape(root="object", has=("detail.insightArn", "detail-type"), match={"source": r"^aws\.securityhub$"}),
            "this is the event Security Hub Insight Results, which only counts findings; fetch the insight's findings "
            "(`aws securityhub get-findings`) and push those, or send the event Security Hub Findings - Imported",
        ),
    ),
)
