"""Whispers: finds hard-coded secrets in configuration and code."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, code, secret
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
whispers --output whispers.json .
sluice push whispers.json --asset repo:github.com/acme/shop --scanner whispers
```
"""

SPEC = ScannerSpec(
    name="whispers",
    title="Whispers",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/adeptex/whispers",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="whispers-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                root="array",
                has=("[].key", "[].value", "[].file"),
                any_of=("[].rule_id", "[].message", "[].severity"),
                weight=3,
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SECRET,
                    rule_id="rule_id | message",
                    title="message",
                    message="message",
                    severity="severity",
                    location=code(path="file", start_line="line", symbol="key"),
                    secret=secret(value="value", type="rule_id | message"),
                ),
            ),
        ),
    ),
)
