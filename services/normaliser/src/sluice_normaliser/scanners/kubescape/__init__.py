"""Kubescape: checks clusters and manifests against NSA, MITRE and CIS controls."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, by, fix, ident, join, resource
from sluice_normaliser.scanners.kubescape.results import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
kubescape scan --format json --format-version v2 --output kubescape.json
sluice push kubescape.json --asset k8s:prod
```
A scan of manifests (`kubescape scan deploy/`) gives the file of each resource as well. Passed controls are
counted; those with an exception count as suppressed. `--format sarif` does, too.
"""
_ALERTED = "alertObject.k8sApiObjects[0]"

SPEC = ScannerSpec(
    name="kubescape",
    title="Kubescape",
    kinds=(Kind.IAC,),
    homepage="https://kubescape.io",
    setup=_SETUP,
    counts_passed=True,
    formats=(
        Format(
            name="kubescape-json-2",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("summaryDetails.controls", "summaryDetails.frameworks", "results[].controls[].controlID"),
                weight=2,
            ),
            scan=ScanMap(scanned_at="generationTime", category="clusterName"),
            parse=read,
        ),
        Format(
            name="kubescape-json-1",
            container="json",
            detect=JsonShape(root="array", has=("[].controlReports",), weight=1),
            maps=(
                Map(
                    each="[].controlReports[].ruleReports[].ruleResponses[]",
                    kind=Kind.IAC,
                    rule_id="^^.controlID | ^^.id | ^^.name",
                    rule_name="^^.name",
                    title="^^.name",
                    description="^^.description",
                    message="alertMessage",
                    severity=by("alertScore", "cvss"),
                    identifiers=(ident("^^.controlID | ^^.id", scheme="kubescape"),),
                    location=resource(
                        resource=join(
                            f"{_ALERTED}.metadata.namespace",
                            f"{_ALERTED}.kind",
                            f"{_ALERTED}.metadata.name | {_ALERTED}.name",
                            sep="/",
                        ),
                        name=f"{_ALERTED}.metadata.name | {_ALERTED}.name",
                        resource_type=f"{_ALERTED}.kind",
                        namespace=f"{_ALERTED}.metadata.namespace",
                    ),
                    fix=fix(recommendation="^^.remediation | ^.remediation"),
                    tags=("^^^.name", "rulename"),
                ),
            ),
        ),
    ),
)
