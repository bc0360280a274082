"""Semgrep AppSec Platform: findings as its API gives them."""

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    call,
    code,
    const,
    epss,
    first,
    fix,
    lookup,
    matching,
    package,
    secret,
    status,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.shapes import words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: Bearer $TOKEN" https://semgrep.dev/api/v1/deployments/acme/findings > semgrep-pro.json
sluice push semgrep-pro.json --asset repo:github.com/acme/shop
```
Findings of Supply Chain (`?issue_type=sca`) and of Secrets (`/deployments/$ID/secrets`) do, too.
"""

_DEPENDENCY = "found_dependency.package | vulnerability_identifier"

SPEC = ScannerSpec(
    name="semgrep_pro",
    title="Semgrep AppSec Platform",
    kinds=(Kind.SAST, Kind.SCA, Kind.SECRET),
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
                root="object",
                any_of=(
                    "findings[].match_based_id",
                    "findings[].syntactic_id",
                    "findings[].line_of_code_url",
                    "findings[].found_dependency",
                ),
                weight=2,
            ),
            maps=(
                Map(
                    each="findings[]",
                    kind=when(_DEPENDENCY, Kind.SCA, Kind.SAST),
                    rule_id="rule_name | rule.name",
                    title="rule_name | rule.name",
                    message="rule_message | rule.message",
                    description="rule.message | rule_message",
                    severity=by("severity", "levels"),
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
                    identifiers="vulnerability_identifier",
                    cwes=("rule.cwe_names[]",),
                    location=first(
                        package(
                            name="found_dependency.package",
                            version="found_dependency.version",
                            ecosystem="found_dependency.ecosystem",
                            path="location.file_path",
                            fixed_versions="fix_recommendations[].version",
                            direct=lookup("found_dependency.transitivity", {"direct": True, "transitive": False}),
                        ),
                        code(
                            path="location.file_path",
                            start_line="location.line",
                            start_column="location.column",
                            end_line="location.end_line",
                            end_column="location.end_column",
                        ),
                    ),
                    ratings=epss("epss_score.score", "epss_score.percentile"),
                    references=("line_of_code_url", "found_dependency.lockfile_line_url"),
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
        Format(
            name="semgrep-platform-json-nothing",
            container="json",
            detect=JsonShape(
                root="object", has=("findings",), only=("findings", "cursor"), lacks=("findings[]",), weight=-1
            ),
            maps=(Map(each="findings[]", kind=Kind.SAST, rule_id="rule_name"),),
        ),
        Format(
            name="semgrep-platform-secrets-json",
            container="json",
            detect=JsonShape(root="object", has=("findings[].validationState", "findings[].findingPath")),
            maps=(
                Map(
                    each="findings[]",
                    kind=Kind.SECRET,
                    rule_id="ruleHashId | type",
                    title=template("{type} in {findingPath}"),
                    severity="severity",
                    confidence=call(lambda said: (words(said) or "").removeprefix("CONFIDENCE_"), "confidence"),
                    status=status(
                        "status",
                        {
                            "FINDING_STATUS_IGNORED": ObservationStatus.SUPPRESSED,
                            "FINDING_STATUS_FIXED": ObservationStatus.FIXED,
                            "FINDING_STATUS_REMOVED": ObservationStatus.FIXED,
                        },
                    ),
                    location=code(
                        path=matching("findingPath", r"^(.+?)(?::\d+)?$"),
                        start_line=matching("findingPath", r":(\d+)$"),
                        commit="historicalInfo.gitCommit",
                    ),
                    secret=secret(
                        type="type",
                        verified=lookup(
                            "validationState",
                            {"VALIDATION_STATE_CONFIRMED_VALID": True, "VALIDATION_STATE_CONFIRMED_INVALID": False},
                        ),
                        commit="historicalInfo.gitCommit",
                        committed_at="historicalInfo.gitCommitTimestamp",
                    ),
                    references="findingPathUrl",
                    fingerprints={"id": "id"},
                    tags=("mode", "validationState"),
                    first_detected_at="createdAt",
                    last_detected_at="updatedAt",
                ),
            ),
        ),
    ),
)
