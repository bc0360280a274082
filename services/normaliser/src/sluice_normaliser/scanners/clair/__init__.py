"""Clair: known vulnerabilities of an image's packages, as clair-scanner, Klar, Quay and Clair itself report them."""

from sluice_normaliser.kit import Format, Group, JsonShape, ScannerSpec
from sluice_normaliser.scanners.clair.maps import FEATURES, KLAR, SCANNER, matched
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
clair-scanner --report clair.json registry.acme.io/shop:1.4      # or: JSON_OUTPUT=true klar registry.acme.io/shop:1.4
clairctl report --out json registry.acme.io/shop:1.4 > clair.json       # Clair 4; the answer of its API will do, too
sluice push clair.json --asset image:registry.acme.io/shop
```
What the whitelist of clair-scanner approves counts as suppressed.
"""

SPEC = ScannerSpec(
    name="clair",
    title="Clair",
    kinds=(Kind.CONTAINER,),
    homepage="https://quay.github.io/clair",
    setup=_SETUP,
    aliases=("clair_scanner", "klar", "clairctl"),
    formats=(
        Format(
            name="clair-scanner-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities",),
                any_of=("unapproved", "vulnerabilities[].featurename"),
                weight=2,
            ),
            maps=(SCANNER,),
        ),
        Format(
            name="clair-klar-json",
            container="json",
            detect=JsonShape(
                root="object",
                has=("Vulnerabilities",),
                any_of=("LayerCount", "Vulnerabilities.*[].FeatureName", "Vulnerabilities.*[].NamespaceName"),
            ),
            maps=(KLAR,),
        ),
        Format(
            name="clair-4-json",
            container="json",
            detect=JsonShape(root="object", has=("vulnerabilities", "package_vulnerabilities"), weight=1),
            parse=matched,
        ),
        Format(
            name="clair-2-json",
            container="json",
            detect=JsonShape(root="object", has=("Layer.Features",), weight=1),
            maps=(Group(each="Layer", maps=(FEATURES,)),),
        ),
        Format(
            name="clair-quay-json",
            container="json",
            detect=JsonShape(root="object", has=("data.Layer.Features",), weight=1),
            maps=(Group(each="data.Layer", maps=(FEATURES,)),),
        ),
    ),
)
