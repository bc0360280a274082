"""Anchore Enterprise and Engine: how images stand against policies."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec, call
from sluice_normaliser.scanners.anchore_enterprise.evaluation import read, unevaluated
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
anchore-cli --json evaluate check registry.acme.io/shop:1.4 --detail > anchore.json
sluice push anchore.json --asset image:registry.acme.io/shop --scanner anchore_enterprise
```
The severity is that of the vulnerability; of other checks it is what the policy does: `stop` is high, `warn` medium.
What the policy only lets pass (`go`) is information, what its allowlist names is suppressed. The API gives the same
(`/v1/images/$DIGEST/check?tag=…&detail=true`). Without the detail a report names no check and is refused.
"""


SPEC = ScannerSpec(
    name="anchore_enterprise",
    title="Anchore Enterprise (policy evaluation)",
    kinds=(Kind.CONTAINER, Kind.SECRET, Kind.LICENCE, Kind.MALWARE),
    aliases=("anchore-enterprise", "anchore_policy"),
    homepage="https://docs.anchore.com",
    setup=_SETUP,
    formats=(
        Format(
            name="anchore-evaluation-json",
            container="json",
            detect=JsonShape(
                root="array",
                any_of=("[].*.*[].last_evaluation", "[].*.*[].policyId", "[].*.*[].detail.result"),
                weight=2.0,
            ),
            scan=ScanMap(refuse=call(unevaluated, ".")),
            parse=read,
        ),
        Format(
            name="anchore-evaluation-json-one",
            container="json",
            detect=JsonShape(
                root="object",
                any_of=("*.*[].last_evaluation", "*.*[].policyId", "*.*[].detail.result"),
                weight=2.0,
            ),
            scan=ScanMap(refuse=call(unevaluated, ".")),
            parse=read,
        ),
    ),
)
