"""promptfoo: failed and passed tests of language models."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    Said,
    ScanMap,
    ScannerSpec,
    call,
    const,
    first,
    peek,
    resource,
)
from sluice_normaliser.kit.coerce import boolean, integer
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
promptfoo redteam eval -o promptfoo.json
sluice push promptfoo.json --asset model:shop-assistant
```
Tests that the model passed are kept as such.
"""

_ERROR = 2
"""The reason of a test that could not be run, such as an error of the provider."""


def _status(success: Any, reason: Any) -> Said:
    """Return the status; a test that could not be run tells nothing of the model."""
    said = words(success)
    if boolean(success):
        return Said(ObservationStatus.PASSED, said)
    return Said(ObservationStatus.MANUAL if integer(reason) == _ERROR else ObservationStatus.OPEN, said)


def _assertion(results: Any) -> str | None:
    """Return the assertion that failed, else the first."""
    listed = objs(items_of(results))
    failed = next((each for each in listed if boolean(each.get("pass")) is False), None)
    about = obj((failed or next(iter(listed), {})).get("assertion"))
    return words(about.get("metric")) or words(about.get("type"))


def _results(path: str) -> Map:
    return Map(
        each=path,
        kind=Kind.OTHER,
        rule_id=first(
            "metadata.pluginId",
            "testCase.metadata.pluginId",
            call(_assertion, peek("gradingResult.componentResults")),
        ),
        title="error | gradingResult.reason | metadata.goal | prompt.raw | vars",
        description="metadata.goal | testCase.metadata.goal",
        message="error | gradingResult.reason",
        severity=["metadata.severity", "testCase.metadata.severity"],
        status=call(_status, "success", "failureReason"),
        location=resource(resource="provider.id | provider", resource_type=const("model"), name="provider.label"),
        evidence={"request": "prompt.raw", "response": "response.output"},
        fingerprints={"promptfoo": "id"},
        tags=("metadata.harmCategory", "metadata.strategyId"),
    )


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
            maps=(_results("results.results[]"),),
        ),
        Format(
            name="promptfoo-json-list",
            container="json",
            detect=JsonShape(root="object", has=("results[].gradingResult",), any_of=("results[].provider", "evalId")),
            maps=(_results("results[]"),),
        ),
        Format(
            name="promptfoo-json-bare",
            container=("json", "jsonl"),
            detect=JsonShape(root="array", has=("[].gradingResult", "[].provider")),
            maps=(_results("[]"),),
        ),
    ),
)
