"""SARIF 2.1.0 (OASIS): the exchange format of static analysis, in which nearly every tool can write."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners.sarif.log import old_version, read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
semgrep scan --sarif --output report.sarif     # or any other tool
sluice push report.sarif --asset repo:github.com/acme/shop
```
Each run counts as a scan of the tool that its driver names. `automationDetails.id` without its last part becomes the
category, so that several runs of one tool over one repository stay apart. A run that says `executionSuccessful: false`
resolves nothing.
"""

SPEC = ScannerSpec(
    name="sarif",
    title="SARIF",
    kinds=tuple(Kind),
    homepage="https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html",
    setup=_SETUP,
    any_tool=True,
    formats=(
        Format(
            name="sarif-2.1.0",
            container="json",
            detect=JsonShape(root="object", has=("runs",), match={"version": r"^2\.1"}, weight=5),
            scans=read,
        ),
        Format(
            name="sarif-2.1.0-unversioned",
            container="json",
            detect=JsonShape(root="object", has=("runs[].tool.driver",), weight=5),
            scans=read,
        ),
        Format(
            name="sarif-2.1.0-by-schema",
            container="json",
            detect=JsonShape(root="object", has=("runs",), match={"$schema": "sarif"}, weight=4),
            scans=read,
        ),
        Format(
            name="sarif-old",
            container="json",
            detect=JsonShape(root="object", has=("runs",), match={"version": r"^(1\.|2\.0)"}, weight=5),
            scans=old_version,
        ),
    ),
)
