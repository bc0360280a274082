"""The AWS Security Finding Format: findings of Security Hub and of the tools that write for it, as files."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, ScannerSpec
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

_ANY = ("[].Resources", "[].Severity", "[].Types")

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
            detect=JsonShape(has=("[].ProductArn", "[].GeneratorId", "[].AwsAccountId"), any_of=_ANY),
            maps=(findings("[]"),),
        ),
        Format(
            name="asff-json-list",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("Findings[].ProductArn", "findings[].ProductArn", "Findings[].GeneratorId"),
                weight=-2,
            ),
            maps=(findings("Findings[] | findings[]"),),
        ),
    ),
)
