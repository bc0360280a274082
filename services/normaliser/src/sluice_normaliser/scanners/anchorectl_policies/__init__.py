"""anchorectl image check: how an image stands against the policies of Anchore Enterprise."""

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    by,
    const,
    join,
    matching,
    resource,
    template,
)
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
anchorectl image check registry.acme.example/shop:1.2 --detail -o json-raw > anchorectl.json
sluice push anchorectl.json --asset image:registry.acme.example/shop --scanner anchorectl_policies
```
The severity is what the policy does: `stop` is high, `warn` medium, `go` information.
"""

SPEC = ScannerSpec(
    name="anchorectl_policies",
    title="Anchore Enterprise (anchorectl, policies)",
    kinds=(Kind.CONTAINER,),
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
                    kind=Kind.CONTAINER,
                    rule_id=join("gate", "triggerName", sep="/"),
                    title="description",
                    message="description",
                    severity=by("status", "anchore-action"),
                    identifiers=("description",),
                    location=resource(
                        resource="tag | ^.tag",
                        name="tag",
                        resource_type=const("image"),
                        path=matching("description", r"package type \([^)]*\) - (/\S+)"),
                    ),
                    fingerprints={"trigger": "triggerId"},
                    tags=("policyId",),
                    evidence={"policy": template("{^.policyId}: {^.finalAction}")},
                ),
            ),
        ),
    ),
)
