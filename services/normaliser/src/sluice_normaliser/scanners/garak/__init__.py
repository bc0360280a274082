"""garak: weaknesses of language models."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, const, join, resource, template
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
            detect=JsonShape(has=("[].probe", "[].detector", "[].attempt_id", "[].generator")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.OTHER,
                    rule_id=template("{probe}:{detector}"),
                    rule_name="probe",
                    title=template("{probe}: {goal}"),
                    description="goal",
                    location=resource(resource="generator", resource_type=const("model"), name="probe"),
                    evidence={
                        "request": join("prompt.turns[].content.text", sep="\n"),
                        "response": "output.text | output",
                    },
                    fingerprints={"garak_attempt": "attempt_id"},
                    tags=("probe", "detector"),
                ),
            ),
        ),
    ),
)
