"""anchorectl image check: how an image stands against the policies of Anchore Enterprise."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, call, join, template
from sluice_normaliser.scanners import _anchore
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
anchorectl image check registry.acme.example/shop:1.2 --detail -o json-raw > anchorectl.json
sluice push anchorectl.json --asset image:registry.acme.example/shop --scanner anchorectl_policies
```
The severity is that of the vulnerability; of other checks it is what the policy does: `stop` is high, `warn` medium,
`go` information.
"""

SPEC = ScannerSpec(
    name="anchorectl_policies",
    title="Anchore Enterprise (anchorectl, policies)",
    kinds=(Kind.CONTAINER, Kind.SECRET, Kind.LICENCE, Kind.MALWARE),
    homepage="https://docs.anchore.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="anchorectl-check",
            container="json",
            detect=JsonShape(root="array", has=("[].detail", "[].finalAction", "[].policyId", "[].tag")),
            maps=(
                Map(
                    each="[].detail[]",
                    kind=call(_anchore.kind, "gate"),
                    rule_id=join("gate", "triggerName", sep="/"),
                    title="description",
                    message="description",
                    severity=call(_anchore.severity, "description", "status"),
                    identifiers=("description",),
                    location=call(
                        _anchore.location, "description", "triggerId", "tag | ^.tag", "^.digest | ^.imageDigest"
                    ),
                    fingerprints={"trigger": "triggerId"},
                    tags=("policyId",),
                    evidence={"policy": template("{^.policyId}: {^.finalAction}")},
                ),
            ),
        ),
    ),
)
