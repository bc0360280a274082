"""garak: weaknesses of language models."""

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
    join,
    resource,
    template,
    when,
)
from sluice_normaliser.kit.coerce import integer, text
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
python -m garak --target_type openai --target_name gpt-4o --report_prefix shop
sluice push shop.hitlog.jsonl --asset model:shop-assistant
```
The whole report (`shop.report.jsonl`) does, too: one result for each probe and detector.
The hit log has one line for each answer that a detector took for a failure.
"""


def _is_hit(probe: Any, detector: Any) -> bool:
    """Return False for the lines that say how garak was run."""
    return text(probe) is not None or text(detector) is not None


def _is_evaluation(entry: Any) -> bool:
    """Return True for a result; the other lines of the report are settings and single attempts."""
    return text(entry) == "eval"


def _status(passed: Any, total: Any) -> Said:
    """Return whether a model withstood a probe: every attempt of it passed."""
    good, tried = integer(passed) or 0, integer(total) or 0
    return Said(ObservationStatus.OPEN if good < tried else ObservationStatus.PASSED, f"{good}/{tried}")


_EVALUATION = Map(
    each="[]",
    where=call(_is_evaluation, "entry_type"),
    kind=Kind.OTHER,
    rule_id=template("{probe}:{detector}"),
    rule_name="probe",
    title=template("{probe}: {detector} passed {passed} of {total|total_evaluated}"),
    status=call(_status, "passed", "total | total_evaluated"),
    location=resource(resource="probe", resource_type=const("probe")),
    tags=("probe", "detector"),
    ignore=("entry_type",),
)

SPEC = ScannerSpec(
    name="garak",
    title="garak",
    kinds=(Kind.OTHER,),
    homepage="https://github.com/NVIDIA/garak",
    setup=_SETUP,
    differences={"*": "one for each hit; the reference merges those of one probe"},
    formats=(
        Format(
            name="garak-hitlog-jsonl",
            container=("jsonl", "json"),
            detect=JsonShape(
                has=("[].probe", "[].detector"),
                any_of=("[].attempt_id", "[].generator", "[].goal"),
                lacks=("[].entry_type",),
            ),
            maps=(
                Map(
                    each="[]",
                    where=call(_is_hit, "probe", "detector"),
                    kind=Kind.OTHER,
                    rule_id=template("{probe}:{detector}"),
                    rule_name="probe",
                    title=when("goal", template("{probe}: {goal}"), template("{probe}: {detector}")),
                    description="goal",
                    location=resource(resource="generator", resource_type=const("model"), name="probe"),
                    evidence={
                        "request": first(join("prompt.turns[].content.text", sep="\n"), "prompt.text | prompt"),
                        "response": "output.text | output",
                    },
                    fingerprints={"garak_attempt": "attempt_id"},
                    tags=("probe", "detector"),
                ),
            ),
        ),
        Format(
            name="garak-report-jsonl",
            container=("jsonl", "json"),
            detect=JsonShape(
                has=("[].entry_type",),
                any_of=(
                    *("[].garak_version", "[].plugins.probe_spec", "[].transient.run_id", "[].probe_classname"),
                    *("[].run", "[].start_time", "[].detector"),
                ),
            ),
            scan=ScanMap(version="[].garak_version"),
            maps=(_EVALUATION,),
        ),
    ),
)
