"""Scout Suite: audits accounts of AWS, Azure, Google Cloud and others."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec, TextShape
from sluice_normaliser.scanners.scout_suite.results import read, read_script
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
scout aws --no-browser --report-dir scout
sluice push scout/scoutsuite-results/scoutsuite_results_*.js --asset cloud:aws/123456789012
```
The results lie in a script, which is read as it is. Every flagged item is an observation; a rule that flagged none is
one that passed, or does not apply where it had nothing to check.
"""

SPEC = ScannerSpec(
    name="scout_suite",
    title="Scout Suite",
    kinds=(Kind.CSPM,),
    homepage="https://github.com/nccgroup/ScoutSuite",
    setup=_SETUP,
    aliases=("scoutsuite", "scout2", "aws_scout2"),
    formats=(
        Format(
            name="scout-suite-js",
            container="text",
            detect=TextShape(patterns=(r"\A\s*(?:scoutsuite_results|aws_info)\s*=", r"\{\s*\"")),
            scans=read_script,
        ),
        Format(
            name="scout-suite-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("services",),
                any_of=("provider_code", "aws_account_id", "last_run.ruleset_name", "services.*.findings"),
                weight=2,
            ),
            scans=read,
        ),
    ),
)
