"""The AWS Security Finding Format: findings of Security Hub and of the tools that write for it, as files."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners._asff import findings
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
aws securityhub get-findings --query Findings --output json > findings.asff.json
sluice push findings.asff.json --asset cloud:aws/123456789012 --scanner asff
```
Any tool that writes ASFF will do. Security Hub itself can push: see its own page. Findings about images in ECR and
about packages on instances belong to those assets; all others belong to the account they name.
"""

_ANY = ("AwsAccountId", "ProductArn", "GeneratorId", "SchemaVersion", "Compliance", "RecordState")

SPEC = ScannerSpec(
    name="asff",
    title="AWS Security Finding Format",
    kinds=(Kind.CSPM, Kind.HOST, Kind.CONTAINER, Kind.SCA, Kind.SAST, Kind.RUNTIME),
    homepage="https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html",
    setup=_SETUP,
    aliases=("aws_security_finding_format",),
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="asff-json",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].Resources",), any_of=tuple(f"[].{name}" for name in _ANY), weight=2),
            maps=(findings("[]"),),
        ),
        Format(
            name="asff-json-cut",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].GeneratorId",), any_of=("[].ProductArn", "[].AwsAccountId", "[].Severity.Label")),
            maps=(findings("[]"),),
        ),
        Format(
            name="asff-json-list",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=tuple(f"{listed}[].{name}" for listed in ("Findings", "findings") for name in _ANY),
                weight=-2,
            ),
            maps=(findings("Findings[] | findings[]"),),
        ),
        Format(
            name="asff-event",
            container="json",
            detect=JsonShape(
                root="object", has=("detail.findings",), match={"source": r"^aws\.securityhub$"}, weight=-2
            ),
            scan=ScanMap(complete=False, scanned_at="time"),
            maps=(findings("detail.findings[]"),),
        ),
    ),
)
