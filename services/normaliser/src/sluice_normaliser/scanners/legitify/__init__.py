"""Legitify: weak settings of GitHub and GitLab organisations."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, const, fix, join, resource, status
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
legitify analyze --org acme --output-format json > legitify.json
sluice push legitify.json --asset cloud:github/acme
```
"""


def _violations(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.CSPM,
        rule_id="^.policyInfo.fullyQualifiedPolicyName | ^.policyInfo.policyName",
        title="^.policyInfo.title",
        description="^.policyInfo.description",
        severity="^.policyInfo.severity",
        status=status(
            "status | Status", {"PASSED": ObservationStatus.PASSED, "SKIPPED": ObservationStatus.NOT_APPLICABLE}
        ),
        location=resource(
            resource="canonicalLink | aux.entityName",
            resource_type="violationEntityType | ^.policyInfo.namespace",
            name="aux.entityName | aux.name",
            provider=const("github"),
        ),
        fix=fix(recommendation=join("^.policyInfo.remediationSteps[]", sep="\n")),
        references="canonicalLink",
        tags="^.policyInfo.threat[]",
    )


SPEC = ScannerSpec(
    name="legitify",
    title="Legitify",
    kinds=(Kind.CSPM,),
    homepage="https://github.com/Legit-Labs/legitify",
    setup=_SETUP,
    differences={"legitify_one_finding.json": "policies that hold and skipped ones are kept with their status"},
    formats=(
        Format(
            name="legitify-flattened-json",
            container="json",
            detect=JsonShape(root="object", has=("content",), match={"type": "^flattened$"}, weight=1),
            maps=(_violations("content.*.violations[]"),),
        ),
        Format(
            name="legitify-flattened-json-untyped",
            container="json",
            detect=JsonShape(root="object", has=("content.*.policyInfo",), any_of=("content.*.violations",)),
            maps=(_violations("content.*.violations[]"),),
        ),
        Format(
            name="legitify-grouped-json",
            container="json",
            detect=JsonShape(root="object", has=("content",), match={"type": "^group-by-"}),
            maps=(_violations("content.*.*.violations[]"),),
        ),
        Format(
            name="legitify-policies-json",
            container="json",
            detect=JsonShape(root="object", has=("*.policyInfo", "*.violations")),
            maps=(_violations("*.violations[]"),),
        ),
    ),
)
