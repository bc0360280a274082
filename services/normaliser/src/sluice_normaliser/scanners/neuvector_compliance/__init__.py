"""NeuVector: CIS benchmarks of hosts and containers."""

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScanMap,
    ScannerSpec,
    by,
    compliance,
    const,
    fix,
    join,
    resource,
    status,
    template,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -k -H "X-Auth-Token: $TOKEN" "https://neuvector:10443/v1/host/$ID/compliance" > compliance.json
sluice push compliance.json --asset host:node-1
```
"""


def _checks(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.COMPLIANCE,
        rule_id="test_number",
        title=template("{test_number}: {description}"),
        description="description",
        severity=by("level", "verdict"),
        status=status(
            "level",
            {
                "PASS": ObservationStatus.PASSED,
                "INFO": ObservationStatus.INFORMATIONAL,
                "MANUAL": ObservationStatus.MANUAL,
                "NOTE": ObservationStatus.MANUAL,
                "ERROR": ObservationStatus.MANUAL,
            },
        ),
        location=resource(resource=template("{category}/{type}"), resource_type="type"),
        compliance=compliance(standard=const("CIS"), control="test_number", status="level"),
        fix=fix(recommendation="remediation"),
        evidence={"output": join("message[]", "evidence", sep="\n")},
        tags=("tags[]", "category", "profile"),
    )


SPEC = ScannerSpec(
    name="neuvector_compliance",
    title="NeuVector compliance",
    kinds=(Kind.COMPLIANCE,),
    homepage="https://open-docs.neuvector.com/scanning/scanning/compliance",
    setup=_SETUP,
    formats=(
        Format(
            name="neuvector-compliance-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("items",),
                any_of=("items[].test_number", "run_timestamp", "kubernetes_cis_version", "docker_cis_version"),
                weight=1,
            ),
            scan=ScanMap(scanned_at="run_at | run_timestamp"),
            maps=(_checks("items[]"),),
        ),
        Format(
            name="neuvector-scan-checks-json",
            container="json",
            detect=JsonShape(
                root="object", any_of=("report.checks[].test_number", "report.checks[].catalog"), weight=-1
            ),
            maps=(_checks("report.checks[]"),),
        ),
    ),
)
