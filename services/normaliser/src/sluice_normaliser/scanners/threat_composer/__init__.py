"""Threat Composer (AWS): threats of a threat model, with the mitigations that are linked to them."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec
from sluice_normaliser.scanners.threat_composer.threat import read
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Export workspace*, or the `.tc.json` file that the editor's extension keeps in the repository:
```sh
sluice push shop.tc.json --asset app:shop --scanner threat_composer
```
A threat has the severity that its priority says. Resolved threats count as fixed, those found not useful as suppressed.
"""

SPEC = ScannerSpec(
    name="threat_composer",
    title="Threat Composer",
    kinds=(Kind.OTHER,),
    homepage="https://github.com/awslabs/threat-composer",
    setup=_SETUP,
    formats=(
        Format(
            name="threat-composer-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("threats",),
                any_of=(
                    "mitigationLinks",
                    "assumptionLinks",
                    "applicationInfo",
                    "mitigations",
                    "threats[].threatAction",
                ),
                weight=1,
            ),
            parse=read,
        ),
    ),
)
