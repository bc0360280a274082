"""Black Duck Binary Analysis: known vulnerabilities of components inside binaries."""

from sluice_normaliser.kit import CsvShape, Format, Map, ScannerSpec, by, const, ident, package, rating, template
from sluice_shared.contracts.finding import Kind, RatingMethod

_SETUP = """
*Black Duck Binary Analysis → application → Export → CSV (vulnerabilities)*:
```sh
sluice push bdba.csv --asset repo:github.com/acme/shop
```
One finding for each file that holds the component.
"""

SPEC = ScannerSpec(
    name="blackduck_binary_analysis",
    title="Black Duck Binary Analysis",
    kinds=(Kind.SCA,),
    homepage="https://www.blackduck.com/software-composition-analysis-tools/binary-analysis.html",
    setup=_SETUP,
    formats=(
        Format(
            name="bdba-csv",
            container="csv",
            detect=CsvShape(
                columns=("Component", "CVE"), any_of=("Object full path", "Object SHA1", "Matching type", "Object")
            ),
            maps=(
                Map(
                    kind=Kind.SCA,
                    rule_id="CVE | BDSA",
                    title=template("{Component} {Version}: {CVE|BDSA}"),
                    description="Summary",
                    severity=[by("CVSS3", "cvss"), by("CVSS", "cvss2")],
                    identifiers=(ident("CVE", "vendor"), ident("BDSA", "vendor")),
                    location=package(name="Component", version="Version", path="Object full path | Object"),
                    ratings=(
                        rating(const("nvd"), vector="CVSS vector (v3)", score="CVSS3", method=RatingMethod.CVSS_V31),
                        rating(const("nvd"), vector="CVSS vector (v2)", score="CVSS", method=RatingMethod.CVSS_V2),
                    ),
                    references="Vulnerability URL",
                    fingerprints={"object_sha1": "Object SHA1"},
                    tags=("Matching type", "Distribution package"),
                    published_at="CVE publication date",
                ),
            ),
        ),
    ),
)
