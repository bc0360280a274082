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
            detect=JsonShape(root="object", has=("image", "unapproved", "vulnerabilities")),
            maps=(SCANNER,),
        ),
        Format(
            name="clair-klar-json",
            container="json",
            detect=JsonShape(root="object", has=("LayerCount", "Vulnerabilities")),
            maps=(KLAR,),
        ),
        Format(
            name="clair-4-json",
            container="json",
            detect=JsonShape(root="object", has=("manifest_hash", "vulnerabilities", "package_vulnerabilities")),
            parse=matched,
        ),
        Format(
            name="clair-2-json",
            container="json",
            detect=JsonShape(root="object", has=("Layer.Features",), any_of=("Layer.Name", "Layer.IndexedByVersion")),
            maps=(Group(each="Layer", maps=(FEATURES,)),),
        ),
        Format(
            name="clair-quay-json",
            container="json",
            detect=JsonShape(root="object", has=("status", "data.Layer.Features")),
            maps=(Group(each="data.Layer", maps=(FEATURES,)),),
        ),
    ),
)
