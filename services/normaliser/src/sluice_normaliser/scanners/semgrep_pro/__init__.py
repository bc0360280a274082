"""Semgrep AppSec Platform: findings as its API gives them."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, code, const, fix, status, suppression, when
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: Bearer $TOKEN" https://semgrep.dev/api/v1/deployments/acme/findings > semgrep-pro.json
sluice push semgrep-pro.json --asset repo:github.com/acme/shop
```
"""

SPEC = ScannerSpec(
    name="semgrep_pro",
    title="Semgrep AppSec Platform",
    kinds=(Kind.SAST,),
    homepage="https://semgrep.dev/api/v1/docs/",
    setup=_SETUP,
    misses={
        "components: *": "what the code deals with is a tag, no package",
    },
    formats=(
        Format(
            name="semgrep-platform-json",
            container="json",
            detect=JsonShape(
                root="object", has=("findings[].match_based_id", "findings[].syntactic_id", "findings[].triage_state")
            ),
            maps=(
                Map(
                    each="findings[]",
                    kind=Kind.SAST,
                    rule_id="rule_name | rule.name",
                    title="rule_name | rule.name",
                    message="rule_message | rule.message",
                    description="rule.message | rule_message",
                    severity="severity",
                    confidence="confidence | rule.confidence",
                    status=status(
                        "status | state",
                        {
                            "open": ObservationStatus.OPEN,
                            "unresolved": ObservationStatus.OPEN,
                            "ignored": ObservationStatus.SUPPRESSED,
                            "muted": ObservationStatus.SUPPRESSED,
                            "fixed": ObservationStatus.FIXED,
                            "removed": ObservationStatus.FIXED,
                        },
                        default=ObservationStatus.OPEN,
                    ),
                    cwes=("rule.cwe_names[]",),
                    location=code(
                        path="location.file_path",
                        start_line="location.line",
                        start_column="location.column",
                        end_line="location.end_line",
                        end_column="location.end_column",
                    ),
                    references=("line_of_code_url",),
                    fix=fix(recommendation="assistant.guidance.summary", patch="assistant.autofix.fix_code"),
                    suppressions=when(
                        "triage_reason",
                        suppression(kind=const("external"), status="triage_reason", justification="triage_comment"),
                    ),
                    fingerprints={"match_based_id": "match_based_id", "syntactic_id": "syntactic_id", "id": "id"},
                    tags=(
                        "categories[]",
                        "rule.owasp_names[]",
                        "rule.vulnerability_classes[]",
                        "assistant.component.tag",
                    ),
                    first_detected_at="created_at",
                ),
            ),
        ),
    ),
)
