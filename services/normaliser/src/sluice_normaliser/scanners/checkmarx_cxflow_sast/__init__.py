"""Checkmarx CxFlow: the results of a scan, as its JSON bug tracker writes them."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call, timestamp
from sluice_normaliser.kit.coerce import text
from sluice_normaliser.scanners.checkmarx_cxflow_sast.issues import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
java -jar cx-flow.jar --scan --bug-tracker=Json --cx-project=shop …
sluice push cxflow.json --asset repo:github.com/acme/shop
```
What CxFlow's filters take out of the list is kept as suppressed.
"""

SPEC = ScannerSpec(
    name="checkmarx_cxflow_sast",
    scanner="checkmarx",
    title="Checkmarx CxFlow",
    kinds=(Kind.SAST, Kind.SCA),
    aliases=("cxflow", "cx-flow"),
    homepage="https://github.com/checkmarx-ltd/cx-flow",
    setup=_SETUP,
    formats=(
        Format(
            name="cxflow-json",
            container="json",
            detect=JsonShape(root="object", any_of=("xissues", "xIssues", "unFilteredIssues"), lacks=("results",)),
            scan=ScanMap(
                version="version",
                scanned_at=timestamp(
                    "additionalDetails.scanStartDate | reportCreationTime", "%A, %B %d, %Y %I:%M:%S %p"
                ),
                category="project",
                complete=call(lambda kind: (text(kind) or "Full").lower() != "incremental", "scanType"),
            ),
            parse=read,
        ),
    ),
)
