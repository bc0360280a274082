"""CycloneDX (ECMA-424): bills of materials, with the vulnerabilities of what they list."""

from sluice_normaliser.kit import Format, JsonShape, ScannerSpec, XmlShape
from sluice_normaliser.scanners.cyclonedx.bom import read, read_xml
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
trivy image --format cyclonedx --scanners vuln --output bom.cdx.json registry.acme.io/shop:1.4   # or grype, retire …
sluice push bom.cdx.json --asset image:registry.acme.io/shop
```
The scan counts as one of the tool under `metadata.tools`. An inventory without vulnerabilities (`syft`, `cdxgen`) is a
valid report that shows nothing. VEX documents are read, too: what is not exploitable counts as not applicable.
"""

SPEC = ScannerSpec(
    name="cyclonedx",
    title="CycloneDX",
    kinds=(Kind.SCA, Kind.CONTAINER),
    aliases=("cdx", "cyclonedx_vex"),
    homepage="https://cyclonedx.org/specification/overview/",
    setup=_SETUP,
    any_tool=True,
    differences={"*": "one observation for each component that a vulnerability affects"},
    formats=(
        Format(
            name="cyclonedx-json",
            container="json",
            detect=JsonShape(root="object", match={"bomFormat": "^CycloneDX$"}, weight=6),
            scans=read,
        ),
        Format(
            name="cyclonedx-json-cut",
            container="json",
            detect=JsonShape(
                root="object",
                has=("vulnerabilities[].affects[].ref",),
                any_of=("specVersion", "components[].bom-ref", "components[].purl"),
            ),
            scans=read,
        ),
        Format(
            name="cyclonedx-xml",
            container="xml",
            detect=XmlShape(root="bom", namespace=r"cyclonedx\.org/schema/bom"),
            scans=read_xml,
        ),
        Format(
            name="cyclonedx-xml-without-namespace",
            container="xml",
            detect=XmlShape(root="bom", any_of=("components.component", "vulnerabilities.vulnerability")),
            scans=read_xml,
        ),
    ),
)
