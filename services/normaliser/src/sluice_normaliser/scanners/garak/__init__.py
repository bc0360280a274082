"""garak: weaknesses of language models."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, const, first, join, resource, template, when
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
python -m garak --target_type openai --target_name gpt-4o --report_prefix shop
sluice push shop.hitlog.jsonl --asset model:shop-assistant
```
The hit log has one line for each answer that a detector took for a failure.
"""

SPEC = ScannerSpec(
    name="garak",
    title="garak",
    kinds=(Kind.OTHER,),
    homepage="https://github.com/NVIDIA/garak",
    setup=_SETUP,
    differences={"many_hits.jsonl": "one for each hit; the reference merges those of one probe"},
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
    ),
)
