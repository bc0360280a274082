"""CyCognito: issues of an external attack surface."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, Said, ScannerSpec, call, const, fix, host, join, rating
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: $KEY" -d '[]' "https://api.platform.cycognito.com/v1/issues?count=1000" > cycognito.json
sluice push cycognito.json --asset attack-surface:acme
```
"""


def _host(asset: Any) -> str | None:
    """Return ``192.0.2.1`` of ``ip/192.0.2.1``."""
    return str(asset).partition("/")[2] or str(asset) if asset else None


def _status(said: Any, snoozed: Any) -> Said:
    if snoozed is True:
        return Said(ObservationStatus.SUPPRESSED, str(said))
    done = str(said).lower() in {"resolved", "removed", "closed"}
    return Said(ObservationStatus.FIXED if done else ObservationStatus.OPEN, str(said) if said else None)


SPEC = ScannerSpec(
    name="cycognito",
    title="CyCognito",
    kinds=(
        Kind.DAST,
        Kind.HOST,
    ),
    homepage="https://www.cycognito.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="cycognito-issues-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                any_of=(
                    *("[].affected_asset", "[].attacker_interest", "[].exploitation_availability"),
                    *("[].remediation_steps", "[].base_severity_score"),
                ),
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.HOST,
                    rule_id="issue_id | title",
                    title="title",
                    description="summary",
                    severity=["severity", "base_severity"],
                    confidence="confidence",
                    status=call(_status, "issue_status", "is_snoozed"),
                    identifiers="cve_ids[]",
                    location=host(host=call(_host, "affected_asset"), port="port"),
                    ratings=rating(const("vendor"), score="severity_score"),
                    fix=fix(recommendation=join("remediation_steps[]", sep="\n"), effort="remediation_effort"),
                    references=("references[]", "advisories[]"),
                    evidence={"output": "evidence.evidence", "request": 'evidence."curl-cmd"'},
                    exploit_maturity="exploitation_availability",
                    fingerprints={"cycognito": "id"},
                    tags=("issue_types[]", "tags[]", "platforms[]", "potential_threat"),
                    first_detected_at="first_detected",
                    last_detected_at="last_detected",
                ),
            ),
        ),
    ),
)
