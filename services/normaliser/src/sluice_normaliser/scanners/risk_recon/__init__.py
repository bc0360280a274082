"""RiskRecon: findings about the hosts of a vendor."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, Said, ScannerSpec, call, host, template
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: Bearer $KEY" "https://api.riskrecon.com/v1/findings/$TOE" > riskrecon.json
sluice push riskrecon.json --asset vendor:acme
```
"""


def _status(said: Any, false_positive: Any) -> Said:
    raw = str(said) if said else None
    if str(false_positive).lower() == "true":
        return Said(ObservationStatus.SUPPRESSED, raw)
    done = {"pass": ObservationStatus.PASSED, "resolved": ObservationStatus.FIXED}
    return Said(done.get((raw or "").lower(), ObservationStatus.OPEN), raw)


def _findings(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.HOST,
        rule_id="security_criteria",
        title=template("{finding}: {host_name|domain_name|ip_address}"),
        description="finding_context",
        severity="severity",
        status=call(_status, "status | auto_status", "false_positive"),
        location=host(host="host_name | domain_name | ip_address", ip="ip_address"),
        evidence={"output": "finding_data_value"},
        fingerprints={"riskrecon": "finding_id"},
        tags=("security_domain", "security_criteria", "vendor"),
        first_detected_at="first_seen",
        last_detected_at="last_seen",
    )


SPEC = ScannerSpec(
    name="risk_recon",
    title="RiskRecon",
    kinds=(
        Kind.HOST,
        Kind.DAST,
    ),
    homepage="https://www.riskrecon.com",
    setup=_SETUP,
    formats=(
        Format(
            name="riskrecon-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("findings[].finding_id",),
                any_of=("findings[].security_criteria", "findings[].security_domain"),
            ),
            maps=(_findings("findings[]"),),
        ),
        Format(
            name="riskrecon-json-list",
            container="json",
            detect=JsonShape(
                root="array", has=("[].finding_id",), any_of=("[].security_criteria", "[].security_domain")
            ),
            maps=(_findings("[]"),),
        ),
        Format(
            name="riskrecon-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("findings",), only=("findings", "test"), lacks=("findings[]",), weight=-1
            ),
            maps=(_findings("findings[]"),),
        ),
    ),
)
