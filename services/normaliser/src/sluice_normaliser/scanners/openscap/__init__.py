"""OpenSCAP and other XCCDF scanners: results of checklists, alone, in their benchmark or in an ARF report."""

from sluice_normaliser.kit import Format, ScannerSpec, XmlShape
from sluice_normaliser.scanners.openscap.results import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
oscap xccdf eval --profile cis --results results.xml --results-arf arf.xml ssg-rhel9-ds.xml     # either file
sluice push results.xml --asset host:web1.acme.io
```
Every rule's result is kept: pass as passed, notchecked as manual, notapplicable and notselected as not applicable.
"""

SPEC = ScannerSpec(
    name="openscap",
    title="OpenSCAP",
    kinds=(Kind.COMPLIANCE,),
    aliases=("xccdf", "oscap"),
    homepage="https://www.open-scap.org",
    setup=_SETUP,
    differences={"*": "one observation for each rule-result; the reference reads failed ones only"},
    formats=(
        Format(
            name="xccdf-benchmark",
            container="xml",
            detect=XmlShape(root="Benchmark", namespace="checklists.nist.gov/xccdf"),
            scans=read,
        ),
        Format(
            name="xccdf-results",
            container="xml",
            detect=XmlShape(root="TestResult", namespace="checklists.nist.gov/xccdf"),
            scans=read,
        ),
        Format(
            name="xccdf-without-namespace",
            container="xml",
            detect=XmlShape(
                root="Benchmark|TestResult",
                namespace="^$",
                any_of=("TestResult", "rule-result", "Group", "Rule", "Profile"),
            ),
            scans=read,
        ),
        Format(
            name="scap-arf",
            container="xml",
            detect=XmlShape(root="asset-report-collection", namespace="scap.nist.gov/schema/asset-reporting-format"),
            scans=read,
        ),
    ),
)
