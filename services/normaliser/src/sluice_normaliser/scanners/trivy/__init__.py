"""Trivy: vulnerabilities, misconfigurations, secrets and licences in images, files, repositories and clusters."""

from sluice_normaliser.kit import CLEAN, Format, Group, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.trivy.maps import RESULT_MAPS
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
trivy image --format json --output trivy.json registry.acme.io/shop:1.4
sluice push trivy.json --asset image:registry.acme.io/shop
```
The same holds for `trivy fs`, `trivy repo`, `trivy config`, `trivy sbom` and `trivy k8s --report all`. Use
`--show-suppressed` to keep what `.trivyignore` or a VEX document leaves out: it then counts as suppressed.
"""

SPEC = ScannerSpec(
    name="trivy",
    title="Trivy",
    kinds=(Kind.CONTAINER, Kind.SCA, Kind.IAC, Kind.SECRET, Kind.LICENCE),
    homepage="https://trivy.dev",
    setup=_SETUP,
    trivial={"null": CLEAN, "[]": CLEAN},
    counts_passed=True,
    formats=(
        Format(
            name="trivy-json-2",
            container="json",
            detect=JsonShape(
                root="object", has=("SchemaVersion", "ArtifactName", "ArtifactType"), lacks=("Resources", "kind")
            ),
            scan=ScanMap(version="Trivy.Version", scanned_at="CreatedAt"),
            maps=(Group(each="Results[]", maps=RESULT_MAPS),),
        ),
        Format(
            name="trivy-json-k8s",
            container="json",
            detect=JsonShape(
                root="object",
                has=("ClusterName", "Resources"),
                any_of=("Resources[].Results", "SchemaVersion", "Resources[].Kind"),
            ),
            scan=ScanMap(version="Trivy.Version", scanned_at="CreatedAt"),
            maps=(Group(each="Resources[]", maps=(Group(each="Results[]", maps=RESULT_MAPS),)),),
        ),
        Format(
            name="trivy-json-1",
            container="json",
            detect=JsonShape(
                root="array",
                has=("[].Target",),
                any_of=("[].Vulnerabilities", "[].Misconfigurations", "[].Secrets", "[].Type"),
            ),
            maps=(Group(each="[]", maps=RESULT_MAPS),),
        ),
    ),
)
