"""Scantist: known vulnerabilities of open-source libraries."""

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, ident, package, split, template
from sluice_shared.contracts.finding import Kind

_SETUP = """
*Scantist → Scan → Vulnerabilities → Export JSON*:
```sh
sluice push scantist.json --asset repo:github.com/acme/shop
```
"""

SPEC = ScannerSpec(
    name="scantist",
    title="Scantist",
    kinds=(Kind.SCA,),
    homepage="https://scantist.com",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="scantist-json",
            container="json",
            detect=JsonShape(
                root="array", has=("[].Public ID",), any_of=("[].Library", "[].Library Version"), weight=1
            ),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SCA,
                    rule_id="Public ID",
                    title=template("{Library} {Library Version}: {Public ID}"),
                    description="Description",
                    severity=["Score", "Priority"],
                    identifiers=ident("Public ID", "vendor"),
                    location=package(
                        name="Library",
                        version="Library Version",
                        path="File Path",
                        fixed_versions=split("Patched Version", ","),
                    ),
                    tags=("Issue Source", "Issue Type"),
                ),
            ),
        ),
    ),
)
