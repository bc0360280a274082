"""Progpilot: taint analysis of PHP."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, code, each, first, step, template, when
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
progpilot --configuration configuration.yml . > progpilot.json
sluice push progpilot.json --asset repo:github.com/acme/shop
```
Progpilot grades nothing.
"""

SPEC = ScannerSpec(
    name="progpilot",
    title="Progpilot",
    kinds=(Kind.SAST,),
    homepage="https://github.com/designsecurity/progpilot",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="progpilot-json",
            container="json",
            detect=JsonShape(root="array", any_of=("[].vuln_name", "[].vuln_cwe", "[].vuln_rule"), weight=2),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SAST,
                    rule_id="vuln_name | vuln_rule | vuln_type",
                    title=first(
                        when("sink_name", template("{vuln_name} in {sink_name}")), "vuln_name", "vuln_description"
                    ),
                    description="vuln_description",
                    cwes="vuln_cwe",
                    location=code(path="sink_file | vuln_file", start_line="sink_line | vuln_line", symbol="sink_name"),
                    related_locations=code(path="source_file[0]", start_line="source_line[0]", symbol="source_name[0]"),
                    code_flows=each(
                        "tainted_flow[]",
                        each("[]", step(path="flow_file", start_line="flow_line", message="flow_name")),
                    ),
                    fingerprints={"progpilot": "vuln_id"},
                    tags="vuln_type",
                ),
            ),
        ),
    ),
)
