"""CSAF (OASIS): advisories and VEX documents on the products of a vendor."""

from sluice_normaliser.kit import Format, JsonShape, ScanMap, ScannerSpec
from sluice_normaliser.scanners.csaf.document import observations
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
csaf_downloader example.com                  # or any other source of advisories
sluice push acme-sa-2024-1.json --asset app:shop
```
One observation for each product that a vulnerability has a status for: affected ones and those under investigation are
open, fixed ones fixed, those not affected not applicable.
"""

_SCAN = ScanMap(
    name="document.publisher.name",
    version="document.tracking.version",
    category="document.tracking.id",
    scanned_at="document.tracking.current_release_date",
)

SPEC = ScannerSpec(
    name="csaf",
    title="CSAF",
    kinds=(Kind.SCA,),
    aliases=("csaf_vex",),
    homepage="https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html",
    setup=_SETUP,
    misses={
        "components: * as a component of *": "a product within another is a package with the other one as its scope",
    },
    formats=(
        Format(
            name="csaf-json",
            container="json",
            detect=JsonShape(root="object", any_of=("document.csaf_version", "document.tracking.id"), weight=2),
            scan=_SCAN,
            parse=observations,
        ),
        Format(
            name="csaf-json-without-document",
            container="json",
            detect=JsonShape(root="object", has=("vulnerabilities[].product_status",)),
            scan=_SCAN,
            parse=observations,
        ),
    ),
)
