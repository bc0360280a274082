"""KrakenD audit: checks the configuration of a KrakenD API gateway."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScannerSpec, template
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
krakend audit -c krakend.json -f "{{ marshal . }}" > krakend-audit.json
sluice push krakend-audit.json --asset repo:github.com/acme/gateway
```
"""

SPEC = ScannerSpec(
    name="krakend_audit",
    title="KrakenD audit",
    kinds=(Kind.IAC,),
    homepage="https://www.krakend.io/docs/configuration/audit/",
    setup=_SETUP,
    formats=(
        Format(
            name="krakend-audit-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("recommendations",),
                any_of=("stats", "recommendations[].rule"),
                only=("recommendations", "stats"),
            ),
            maps=(
                Map(
                    each="recommendations[]",
                    kind=Kind.IAC,
                    rule_id="rule",
                    title="message",
                    message="message",
                    severity="severity",
                    rule_name=template("KrakenD audit {rule}"),
                ),
            ),
        ),
    ),
)
