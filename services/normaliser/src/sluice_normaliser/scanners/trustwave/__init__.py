"""Trustwave: vulnerabilities of hosts, found from outside."""

from sluice_normaliser.kit import CsvShape, Format, Map, ScannerSpec, by, fix, host, ident, status
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
*TrustKeeper → Vulnerability findings → Export CSV*:
```sh
sluice push trustwave.csv --asset network:acme
```
"""

SPEC = ScannerSpec(
    name="trustwave",
    title="Trustwave",
    kinds=(Kind.HOST,),
    homepage="https://www.trustwave.com",
    setup=_SETUP,
    formats=(
        Format(
            name="trustwave-csv",
            container="csv",
            detect=CsvShape(
                columns=("Vulnerability Name", "Remediation", "Target Name"),
                any_of=("Evidence", "IP", "Protocol"),
                weight=2,
            ),
            maps=(
                Map(
                    kind=Kind.HOST,
                    rule_id="Vulnerability Name",
                    title="Vulnerability Name",
                    description="Description",
                    severity=by("Severity", "initials"),
                    status=status(
                        "Status",
                        {
                            "fixed": ObservationStatus.FIXED,
                            "resolved": ObservationStatus.FIXED,
                            "disputed": ObservationStatus.SUPPRESSED,
                        },
                    ),
                    identifiers=ident("CVE", "vendor"),
                    location=host(
                        host="Domain | IP | Target Name", ip="IP", port="Port", protocol="Protocol", service="Service"
                    ),
                    fix=fix(recommendation="Remediation"),
                    evidence={"output": "Evidence"},
                    tags="Target Name",
                ),
            ),
        ),
    ),
)
