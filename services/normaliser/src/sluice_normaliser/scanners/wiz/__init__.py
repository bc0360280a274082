"""Wiz: issues of clouds and clusters, and vulnerabilities of workloads."""

from sluice_normaliser.kit import CsvShape, Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners.wiz.maps import AUTOMATION, FINDINGS, ISSUES, finding_nodes, issue_nodes
from sluice_shared.contracts.finding import Kind

_SETUP = """
Wiz → Issues (or Findings → Vulnerabilities) → *Export to CSV*, or a scheduled report, then
```sh
sluice push issues.csv --asset cloud:azure/00000000-0000-0000-0000-000000000000 --scanner wiz
```
The API's answers (`issues`, `vulnerabilityFindings`) do, too.
Wiz can push by itself: an automation rule with a webhook action to `POST /v1/reports?complete=false` and the default
body. Resolved issues are kept as fixed, rejected ones as suppressed. Subscriptions are assets of their own.
"""

SPEC = ScannerSpec(
    name="wiz",
    title="Wiz",
    kinds=(Kind.CSPM, Kind.HOST, Kind.CONTAINER),
    homepage="https://www.wiz.io",
    setup=_SETUP,
    formats=(
        Format(
            name="wiz-issues-csv",
            container="csv",
            detect=CsvShape(
                columns=("Title", "Severity"),
                any_of=("Control ID", "Resource external ID", "Resource vertex ID", "Wiz URL"),
            ),
            maps=(ISSUES,),
        ),
        Format(
            name="wiz-vulnerabilities-csv",
            container="csv",
            detect=CsvShape(
                columns=("Name", "DetailedName"),
                any_of=("FirstDetected", "FindingStatus", "WizURL", "VendorSeverity", "LocationPath", "CVSSSeverity"),
            ),
            maps=(FINDINGS,),
        ),
        Format(
            name="wiz-issue-event",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].issue.id", "[].resource"), any_of=("[].control", "[].trigger")),
            maps=(AUTOMATION,),
        ),
        Format(
            name="wiz-issues-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data.issues.nodes",),
                any_of=("data.issues.nodes[].entitySnapshot", "data.issues.pageInfo", "data.issues.totalCount"),
            ),
            maps=(issue_nodes("data.issues.nodes[]"),),
        ),
        Format(
            name="wiz-issues-json-list",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].entitySnapshot",), any_of=("[].sourceRule", "[].control", "[].severity")),
            maps=(issue_nodes("[]"),),
        ),
        Format(
            name="wiz-vulnerabilities-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("data.vulnerabilityFindings.nodes",),
                any_of=("data.vulnerabilityFindings.nodes[].detailedName", "data.vulnerabilityFindings.pageInfo"),
            ),
            maps=(finding_nodes("data.vulnerabilityFindings.nodes[]"),),
        ),
        Format(
            name="wiz-vulnerabilities-json-list",
            container=("json", "jsonl"),
            detect=JsonShape(has=("[].vulnerableAsset",), any_of=("[].detailedName", "[].name")),
            maps=(finding_nodes("[]"),),
        ),
    ),
)
