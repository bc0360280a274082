"""promptfoo: failed and passed tests of language models."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, const, first, resource, status
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
promptfoo redteam eval -o promptfoo.json
sluice push promptfoo.json --asset model:shop-assistant
```
Tests that the model passed are kept as such.
"""

SPEC = ScannerSpec(
    name="promptfoo",
    title="promptfoo",
    kinds=(Kind.OTHER,),
    homepage="https://www.promptfoo.dev",
    setup=_SETUP,
    differences={"many_findings.json": "passed tests and tests without a plugin are kept too"},
    formats=(
        Format(
            name="promptfoo-json-3",
            container="json",
            detect=JsonShape(
                root="object",
                has=("results.results",),
                any_of=("evalId", "results.stats", "results.prompts", "results.results[].gradingResult"),
                weight=1,
            ),
            scan=ScanMap(scanned_at="results.timestamp", version="metadata.promptfooVersion"),
            maps=(
                Map(
                    each="results.results[]",
                    kind=Kind.OTHER,
                    rule_id=first(
                        "metadata.pluginId",
                        "testCase.metadata.pluginId",
                        "gradingResult.componentResults[0].assertion.type",
                    ),
                    title="error | gradingResult.reason | metadata.goal | prompt.raw",
                    description="metadata.goal | testCase.metadata.goal",
                    message="error | gradingResult.reason",
                    severity=["metadata.severity", "testCase.metadata.severity"],
                    status=status("success", {"true": ObservationStatus.PASSED}),
                    location=resource(
                        resource="provider.id | provider", resource_type=const("model"), name="provider.label"
                    ),
                    evidence={"request": "prompt.raw", "response": "response.output"},
                    fingerprints={"promptfoo": "id"},
                    tags=("metadata.harmCategory", "metadata.strategyId"),
                ),
            ),
        ),
    ),
)
