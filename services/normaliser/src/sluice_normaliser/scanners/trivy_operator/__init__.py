"""Trivy Operator: what it finds in a cluster, as the custom resources in which it keeps it."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners.trivy_operator.reports import read, read_delivery, read_list
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
kubectl get vulnerabilityreports,configauditreports,exposedsecretreports -A -o json > trivy-operator.json
sluice push trivy-operator.json --asset k8s:prod
```
Or let the operator push by itself: set `OPERATOR_WEBHOOK_BROADCAST_URL` to the ingest URL (and
`OPERATOR_SEND_DELETED_REPORTS` to have findings closed when a workload goes). A single report speaks for its workload
only; a list for all of its kinds.
"""
_GROUP = r"^aquasecurity\.github\.io/"
_KIND = r"Report$"
_KINDS = (
    *("vulnerabilityreports", "clustervulnerabilityreports", "configauditreports", "clusterconfigauditreports"),
    *("exposedsecretreports", "rbacassessmentreports", "clusterrbacassessmentreports", "infraassessmentreports"),
    *("clusterinfraassessmentreports", "clustercompliancereports"),
)

SPEC = ScannerSpec(
    name="trivy_operator",
    title="Trivy Operator",
    kinds=(Kind.CONTAINER, Kind.SCA, Kind.IAC, Kind.SECRET, Kind.COMPLIANCE),
    aliases=("trivy-operator",),
    homepage="https://aquasecurity.github.io/trivy-operator/",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="trivy-operator-report",
            container="json",
            detect=JsonShape(
                root="object", any_of=("report", "status", "spec"), match={"apiVersion": _GROUP, "kind": _KIND}
            ),
            scans=read,
        ),
        Format(
            name="trivy-operator-list",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items",),
                match={"items[].apiVersion": _GROUP, "items[].kind": _KIND},
            ),
            scans=read_list,
        ),
        Format(
            name="trivy-operator-array",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", match={"[].apiVersion": _GROUP, "[].kind": _KIND}, weight=1),
            scans=read_list,
        ),
        Format(
            name="trivy-operator-by-kind",
            container="json",
            detect=JsonShape(root="object", lacks=("apiVersion",), match={"*[].apiVersion": _GROUP, "*[].kind": _KIND}),
            scans=read_list,
        ),
        Format(
            name="trivy-operator-lists-by-kind",
            container="json",
            detect=JsonShape(
                root="object",
                lacks=("apiVersion",),
                match={"*.items[].apiVersion": _GROUP, "*.items[].kind": _KIND},
            ),
            scans=read_list,
        ),
        Format(
            name="trivy-operator-by-kind-cut",
            container="json",
            detect=JsonShape(
                root="object", any_of=tuple(f'"{kind}.aquasecurity.github.io"' for kind in _KINDS), weight=2
            ),
            scans=read_list,
        ),
        Format(
            name="trivy-operator-report-cut",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=(
                    "report.vulnerabilities[].vulnerabilityID",
                    "report.checks[].checkID",
                    "report.secrets[].ruleID",
                ),
                lacks=("apiVersion",),
            ),
            scans=read,
        ),
        Format(
            name="trivy-operator-webhook",
            container="json",
            detect=JsonShape(
                root="object",
                has=("verb",),
                match={"operatorObject.apiVersion": _GROUP, "operatorObject.kind": _KIND},
            ),
            scans=read_delivery,
        ),
    ),
)
