"""Cobalt: findings of pentests, as its API gives them."""

from typing import Any

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, call, each, fix, status, url
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
curl -H "Authorization: Bearer $TOKEN" -H "X-Org-Token: $ORG" https://api.cobalt.io/findings > cobalt.json
sluice push cobalt.json --asset service:shop
```
"""


def _further(position: Any) -> bool:
    return bool(position != 0)


SPEC = ScannerSpec(
    name="api_cobalt",
    scanner="cobalt",
    title="Cobalt (API)",
    kinds=(Kind.DAST,),
    homepage="https://docs.cobalt.io",
    setup=_SETUP,
    formats=(
        Format(
            name="cobalt-api",
            container="json",
            detect=JsonShape(
                root="object", has=("data[].resource.pentest_id", "data[].resource.state", "data[].resource.severity")
            ),
            maps=(
                Map(
                    each="data[]",
                    kind=Kind.DAST,
                    rule_id="resource.type_category",
                    title="resource.title",
                    description="resource.description",
                    severity="resource.severity",
                    status=status(
                        "resource.state",
                        {
                            "need_fix": ObservationStatus.OPEN,
                            "check_fix": ObservationStatus.OPEN,
                            "carried_over": ObservationStatus.OPEN,
                            "new": ObservationStatus.OPEN,
                            "triaging": ObservationStatus.OPEN,
                            "valid_fix": ObservationStatus.FIXED,
                            "wont_fix": ObservationStatus.SUPPRESSED,
                            "invalid": ObservationStatus.SUPPRESSED,
                            "duplicate": ObservationStatus.SUPPRESSED,
                            "out_of_scope": ObservationStatus.NOT_APPLICABLE,
                        },
                        default=ObservationStatus.OPEN,
                    ),
                    location=url(url="resource.affected_targets[0]"),
                    related_locations=each("resource.affected_targets[]", url(url="."), where=call(_further, "#key")),
                    fix=fix(recommendation="resource.suggested_fix"),
                    references=("links.ui.url",),
                    evidence={
                        "proof_of_concept": "resource.proof_of_concept",
                        "affected_targets": "resource.affected_targets",
                    },
                    fingerprints={"cobalt": "resource.id", "tag": "resource.tag"},
                    tags=("resource.labels[]",),
                    first_detected_at="resource.log[0].timestamp",
                ),
            ),
        ),
    ),
)
