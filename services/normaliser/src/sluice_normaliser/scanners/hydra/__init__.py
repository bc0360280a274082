"""Hydra: logins whose passwords were guessed."""

from sluice_normaliser.kit import Format, JsonShape, Map, ScanMap, ScannerSpec, const, host, secret, template
from sluice_shared.contracts.finding import Kind, Severity

_SETUP = """
```sh
hydra -L users -P passwords -b jsonv1 -o hydra.json ssh://192.0.2.1
sluice push hydra.json --asset host:192.0.2.1
```
A password that was found is never stored.
"""

SPEC = ScannerSpec(
    name="hydra",
    title="THC Hydra",
    kinds=(Kind.HOST,),
    homepage="https://github.com/vanhauser-thc/thc-hydra",
    setup=_SETUP,
    formats=(
        Format(
            name="hydra-json-1",
            container="json",
            detect=JsonShape(root="object", has=("generator", "results"), match={"generator.software": "^Hydra$"}),
            scan=ScanMap(version="generator.version", scanned_at="generator.built"),
            maps=(
                Map(
                    each="results[]",
                    kind=Kind.HOST,
                    rule_id=const("weak-credentials"),
                    title=template("Guessed the password of {login} on {host}:{port} ({service})"),
                    severity=Severity.HIGH,
                    cwes=const(521),
                    location=host(host="host", port="port", service="service"),
                    secret=secret(value="password", type=const("password"), verified=True),
                    tags="service",
                ),
            ),
        ),
    ),
)
